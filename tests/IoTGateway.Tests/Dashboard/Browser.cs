using System.Net;
using System.Text.RegularExpressions;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Dashboard;

/// <summary>Keeps cookies and sends forms as a browser does, token and Origin included.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _http;

    public Browser(TestGateway gateway, bool https = false, string? agent = null)
    {
        Address = https ? gateway.Https : gateway.Http;
        // The handler goes with the client that owns it.
        var handler = new SocketsHttpHandler { CookieContainer = _cookies, AllowAutoRedirect = false };
        if (https)
            handler.SslOptions.CertificateChainPolicy = gateway.TrustingCa().CertificateChainPolicy;
        _http = new HttpClient(handler) { BaseAddress = Address };
        _http.DefaultRequestHeaders.Accept.ParseAdd("text/html, */*;q=0.8");
        if (agent is not null)
            _http.DefaultRequestHeaders.UserAgent.ParseAdd(agent);
    }

    public Uri Address { get; }

    public IEnumerable<Cookie> Cookies => _cookies.GetCookies(Address);

    /// <summary>What a WebSocket of a page would send.</summary>
    public string CookieHeader => _cookies.GetCookieHeader(Address);

    /// <summary>The newest page's token for its forms.</summary>
    public string Token { get; set; } = string.Empty;

    /// <summary>One that has signed in.</summary>
    public static async Task<Browser> SignedInAsync(TestGateway gateway, string key)
    {
        var browser = new Browser(gateway);
        using var answer = await browser.SignInAsync(key);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        await browser.GetAsync("/");
        return browser;
    }

    public async Task<HttpResponseMessage> SignInAsync(string key, string ticket = "", string next = "/")
    {
        await GetAsync("/sign-in");
        return await PostAsync("/sign-in", ("key", key), ("ticket", ticket), ("next", next));
    }

    /// <summary>Loads a page and takes the token of its forms.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(path);
        var body = await answer.Content.ReadAsStringAsync();
        if (TokenIn(body) is { Length: > 0 } token)
            Token = token;
        return (answer.StatusCode, body);
    }

    public Task<HttpResponseMessage> LookAsync(string path) => _http.GetAsync(path);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request);

    /// <summary>The token that a page's forms carry; empty for none.</summary>
    public static string TokenIn(string page) => WebUtility.HtmlDecode(TokenOf().Match(page).Groups["token"].Value);

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(HttpMethod.Post, path, Address.GetLeftPart(UriPartial.Authority), fields);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string? origin,
        params (string Name, string Value)[] fields
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (method != HttpMethod.Get)
            request.Content = new FormUrlEncodedContent([
                new KeyValuePair<string, string>("__token", Token),
                .. fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Value)),
            ]);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        return await _http.SendAsync(request);
    }

    /// <summary>A page without what is in its fields, and without the time at which it came.</summary>
    public static string WithoutValues(string page) => AnyValue().Replace(page, string.Empty);

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__token\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex TokenOf();

    [GeneratedRegex("(value|data-now)=\"[^\"]*\"", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex AnyValue();
}
