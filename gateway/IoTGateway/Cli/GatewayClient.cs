using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace IoTGateway.Cli;

/// <summary>Calls a gateway's API; what goes wrong becomes a sentence that says what to do next.</summary>
internal sealed class GatewayClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly bool _hasKey;

    private GatewayClient(Uri gateway, string? key, string? authorityPem)
    {
        // The handler goes with the client that owns it.
        var handler = new SocketsHttpHandler();
        if (authorityPem is not null)
            handler.SslOptions.CertificateChainPolicy = Trusting(authorityPem);
        _http = new HttpClient(handler) { BaseAddress = gateway, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd(Api.Requester.CommandLineAgent);
        _hasKey = key is not null;
        if (key is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>Where it calls.</summary>
    public Uri Address => _http.BaseAddress!; // set by the constructor

    /// <param name="result">What the options say.</param>
    /// <param name="gateway">Where to call, unless the options say so.</param>
    public static GatewayClient Create(ParseResult result, Uri? gateway = null)
    {
        var data = result.GetValue(GatewayOptions.Data)!; // has a default
        gateway ??= result.GetValue(GatewayOptions.Gateway) ?? LocalGateway.Find(data);
        var key = result.GetValue(GatewayOptions.Key) ?? Environment.GetEnvironmentVariable("IOTGW_KEY");
        if (string.IsNullOrEmpty(key))
            key = gateway.IsLoopback ? LocalGateway.LendKey(data) : null;
        return new GatewayClient(gateway, key, ReadAuthority(result));
    }

    /// <summary>One that says nothing of who calls: for what needs no key, and is called often.</summary>
    public static GatewayClient Anonymous(ParseResult result) =>
        new(
            result.GetValue(GatewayOptions.Gateway) ?? LocalGateway.Find(result.GetValue(GatewayOptions.Data)!), // has a default
            key: null,
            ReadAuthority(result)
        );

    /// <summary>The CA that the options or the data folder name, for a device that must trust it.</summary>
    public static string RequireAuthority(ParseResult result) =>
        ReadAuthority(result)
        ?? throw new GatewayException(
            "On wss a device trusts one CA: give the gateway's ca.pem with --ca, or its data folder with --data."
        );

    /// <summary>The same, or null where neither names one.</summary>
    public static string? ReadAuthority(ParseResult result)
    {
        if (result.GetValue(GatewayOptions.Authority) is { } given)
            return given.Exists
                ? File.ReadAllText(given.FullName)
                : throw new GatewayException($"There is no file {given.FullName}: --ca names the gateway's ca.pem.");
        var own = Path.Combine(
            result.GetValue(GatewayOptions.Data)!, // has a default
            Security.CertificateAuthority.CertificateFile
        );
        return File.Exists(own) ? File.ReadAllText(own) : null;
    }

    /// <summary>Calls, and reads the answer as JSON; the default element where there is none.</summary>
    public async Task<JsonElement> CallAsync(
        HttpMethod method,
        string path,
        object? body,
        CancellationToken cancellationToken,
        string? prefer = null
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(
                JsonSerializer.Serialize(body, JsonSerializerOptions.Web),
                System.Text.Encoding.UTF8,
                "application/json"
            );
        if (prefer is not null)
            request.Headers.Add("Prefer", prefer);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>Opens an answer that goes on for as long as somebody reads it.</summary>
    public async Task<Stream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        HttpCompletionOption completion,
        CancellationToken cancellationToken
    )
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new GatewayException(Explain(e));
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw new GatewayException(await ExplainAsync(response, cancellationToken), response.StatusCode);
    }

    private string Explain(HttpRequestException e) =>
        e.InnerException is AuthenticationException
            ? $"{_http.BaseAddress} shows a certificate that is not trusted: {e.InnerException.Message} Give the gateway's ca.pem with --ca."
            : $"Nothing answers at {_http.BaseAddress}: {e.Message} Start it with 'iotgw serve', or name another with --gateway.";

    private async Task<string> ExplainAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            return _hasKey
                ? "The gateway does not know this key: give the admin key of its first start with --key or IOTGW_KEY."
                : "The gateway wants a key: give the admin key of its first start with --key or IOTGW_KEY.";
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            return JsonElement.Parse(text).GetProperty("detail").GetString() ?? text;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"{_http.BaseAddress} answered {(int)response.StatusCode} {response.ReasonPhrase}. {text}";
        }
    }

    private static X509ChainPolicy Trusting(string authorityPem)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPem(authorityPem);
        return policy;
    }
}

/// <summary>A call that failed, told in words for a person.</summary>
internal sealed class GatewayException(string message, HttpStatusCode? status = null) : Exception(message)
{
    /// <summary>The gateway's answer, where it was one.</summary>
    public HttpStatusCode? Status => status;
}
