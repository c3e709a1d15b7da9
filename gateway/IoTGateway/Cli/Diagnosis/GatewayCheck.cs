using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using IoTGateway.Links;

namespace IoTGateway.Cli.Diagnosis;

/// <summary>What the gateway itself says: its clock, what a handshake would come to, whether it stores.</summary>
/// <param name="http">Its base address is the gateway's; it accepts what <see cref="TlsCheck"/> has judged.</param>
/// <param name="time">This machine's clock.</param>
internal sealed class GatewayCheck(HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(30);

    /// <summary>Asks <c>/v1/doctor</c>.</summary>
    /// <param name="token">A device's token; null to send none.</param>
    /// <param name="cancel">Ends the call.</param>
    public async Task<(Finding? Finding, DoctorReport? Report)> AskAsync(string? token, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/doctor");
            if (token is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await http.SendAsync(request, cancel);
            var text = await response.Content.ReadAsStringAsync(cancel);
            if (response.StatusCode == HttpStatusCode.OK && Read<DoctorReport>(text) is { Handshake: not null } report)
                return (null, report);
            return (Stranger(response), null);
        }
        catch (HttpRequestException e)
        {
            return (
                Finding.Bad("gateway", $"no HTTP comes back: {e.Message}", "Another program may have this port."),
                null
            );
        }
    }

    public Finding Clock(DoctorReport report)
    {
        var theirs = DateTimeOffset.FromUnixTimeMilliseconds(report.TimeMs);
        var ours = time.GetUtcNow();
        var skew = ours - theirs;
        return skew.Duration() <= MostSkew
            ? Finding.Good("clock", $"this machine and the gateway agree within {MostSkew.TotalSeconds:0} s")
            : Finding.Bad(
                "clock",
                $"this machine says {ours:u}, the gateway {theirs:u}: {Span(skew)} apart",
                "Set the one that is wrong ('timedatectl set-ntp true' on Linux). By a wrong clock certificates are not valid yet or no more, and rows get wrong times."
            );
    }

    public static Finding Handshake(DoctorReport report, string? token)
    {
        var answer = report.Handshake;
        if (answer.Status == StatusCodes.Status101SwitchingProtocols)
            return Finding.Good("handshake", "the gateway would let this device in");
        if (token is null)
            return Finding.Doubtful(
                "handshake",
                "not tried: no token was given",
                "Give the device's token with --token or IOTGW_TOKEN."
            );
        var next =
            answer.Reason == Words.Of(HandshakeRefusal.Credentials)
                ? "The token is wrong, of another gateway, or was replaced: 'iotgw device rotate <id>' makes a new one. Give that to the device, all of it: <id>.<secret>."
                : answer.Detail;
        return Finding.Bad("handshake", $"the gateway would answer {answer.Status} ({answer.Reason})", next);
    }

    /// <summary>
    /// Opens a link without credentials. Where the upgrade comes through, the gateway refuses it for these; where a proxy
    /// takes it away, it refuses for that. No device is disturbed.
    /// </summary>
    public async Task<Finding> UpgradeAsync(CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/link")
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
        request.Headers.Add("Sec-WebSocket-Protocol", IotgwDialect.Name);
        using var response = await http.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        var reason = Read<Refusal>(text)?.Reason;
        if (reason == Words.Of(HandshakeRefusal.Credentials))
            return Finding.Good("upgrade", "the request to become a WebSocket comes through");
        if (reason == Words.Of(HandshakeRefusal.Upgrade))
            return Finding.Bad(
                "upgrade",
                "a proxy in between takes 'Upgrade: websocket' away; devices find that out and go by long polling (/v1/messages) until it comes through",
                "nginx: 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";' in the location of /v1/link. Apache: 'ProxyPass … upgrade=websocket'. HAProxy and Caddy pass it by themselves."
            );
        return Finding.Bad(
            "upgrade",
            $"the answer to an upgrade is {(int)response.StatusCode} {response.ReasonPhrase}, from {Server(response)}",
            "Something between here and the gateway does not forward WebSockets to /v1/link: look at its settings, or connect past it."
        );
    }

    /// <summary>Whether it takes telemetry, and whether every database takes it over.</summary>
    public async Task<IReadOnlyList<Finding>> StoringAsync(CancellationToken cancel)
    {
        using var response = await http.GetAsync("/readyz", cancel);
        var lines = (await response.Content.ReadAsStringAsync(cancel)).Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            return
            [
                Finding.Bad(
                    "journal",
                    string.Join("; ", lines),
                    "Devices keep their rows until this is mended; nothing is lost yet."
                ),
            ];
        if (!response.IsSuccessStatusCode)
            return [Stranger(response)];
        var troubles = lines.Skip(1).ToArray();
        return troubles.Length == 0
            ? [Finding.Good("storing", "telemetry is taken, and every sink stores it")]
            :
            [
                .. troubles.Select(trouble =>
                    Finding.Bad(
                        "database",
                        trouble,
                        "Rows wait in the journal and go there by themselves once it takes them: mend it before the journal is full (Journal:MaxBytes)."
                    )
                ),
            ];
    }

    private static Finding Stranger(HttpResponseMessage response) =>
        Finding.Bad(
            "gateway",
            $"{response.RequestMessage?.RequestUri} is answered with {(int)response.StatusCode} by {Server(response)}: that is no IoT Gateway",
            "Another program has this port, or a proxy does not forward this path: look at the address and at the proxy."
        );

    private static string Server(HttpResponseMessage response) =>
        response.Headers.Server.ToString() is { Length: > 0 } name ? name : "a server without a name";

    private static T? Read<T>(string text)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string Span(TimeSpan span) =>
        span.Duration() switch
        {
            { TotalDays: >= 2 } days => $"{days.TotalDays:0} days",
            { TotalHours: >= 2 } hours => $"{hours.TotalHours:0} hours",
            { TotalMinutes: >= 2 } minutes => $"{minutes.TotalMinutes:0} minutes",
            var seconds => $"{seconds.TotalSeconds:0} seconds",
        };

    private sealed record Refusal(string? Reason);
}
