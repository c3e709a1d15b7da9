using IoTGateway.Devices;
using IoTGateway.Links.Senml;
using IoTGateway.Security;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace IoTGateway.Links;

/// <summary>
/// Decides who may connect, before the upgrade (PROTOCOL.md, "Opening handshake"). The checks stand in the order of
/// that table.
/// </summary>
internal sealed class Handshake(
    DeviceRegistry registry,
    LinkTable links,
    AttemptLimiter attempts,
    IOptions<SecurityOptions> security,
    GatewayMetrics metrics
)
{
    public static readonly string[] Subprotocols = [IotgwDialect.Name, SenmlDialect.Name];

    private static readonly TimeSpan RetryLater = TimeSpan.FromSeconds(5);

    private readonly string[] _origins = security.Value.AllowedOrigins.Split(
        ',',
        StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
    );

    /// <summary>Checks a request; a refusal is counted.</summary>
    public HandshakeAnswer Check(HttpContext context)
    {
        var answer = CheckRequest(context.Request) ?? CheckSender(context);
        if (answer.Refusal != HandshakeRefusal.None)
            metrics.HandshakeRefused(answer.Refusal);
        return answer;
    }

    /// <summary>What the handshake would say of the sender; counts as no attempt.</summary>
    public HandshakeAnswer Foresee(HttpContext context)
    {
        if (CheckCredentials(context.Request) is { } refused)
            return refused;
        var allowed = Allowed(context.Request);
        return CheckRoom(allowed) ?? allowed;
    }

    /// <summary>Whether the credentials of a handshake are right at this moment as well.</summary>
    public bool StillAllows(HttpRequest request) => CheckCredentials(request) is null;

    private HandshakeAnswer? CheckRequest(HttpRequest request)
    {
        var headers = request.Headers;
        if (!HttpMethods.IsGet(request.Method))
            return HandshakeAnswer.Refuse(HandshakeRefusal.Method, 405, "Open the link with GET.").With("Allow", "GET");
        if (!HasToken(headers.Upgrade, "websocket") || !HasToken(headers.Connection, "upgrade"))
            return HandshakeAnswer
                .Refuse(
                    HandshakeRefusal.Upgrade,
                    426,
                    "This is a WebSocket: send 'Upgrade: websocket' and 'Connection: Upgrade'. A proxy in between may have taken them away."
                )
                .With("Upgrade", "websocket");
        if (headers.SecWebSocketVersion != "13")
            return HandshakeAnswer
                .Refuse(HandshakeRefusal.Version, 426, "Send 'Sec-WebSocket-Version: 13'.")
                .With("Sec-WebSocket-Version", "13");
        if (!IsKey(headers.SecWebSocketKey))
            return HandshakeAnswer.Refuse(
                HandshakeRefusal.Key,
                400,
                "Send one Sec-WebSocket-Key: 16 random bytes in base64."
            );
        if (headers.Origin.Count > 0 && !headers.Origin.All(origin => _origins.Contains(origin)))
            return HandshakeAnswer.Refuse(
                HandshakeRefusal.Origin,
                403,
                "Pages of this origin may not open a device link; Security:AllowedOrigins names those that may."
            );
        if (ChooseSubprotocol(request) is null)
            return HandshakeAnswer.Refuse(
                HandshakeRefusal.Subprotocol,
                400,
                $"Offer one of these in Sec-WebSocket-Protocol: {string.Join(", ", Subprotocols)}."
            );
        // The platform has its own idea of an upgrade (HTTP/2, several tokens): where it differs, it could not accept.
        if (!request.HttpContext.WebSockets.IsWebSocketRequest)
            return HandshakeAnswer
                .Refuse(HandshakeRefusal.Upgrade, 426, "Open the link with HTTP/1.1 and 'Upgrade: websocket'.")
                .With("Upgrade", "websocket");
        return null;
    }

    private HandshakeAnswer CheckSender(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? System.Net.IPAddress.None;
        var addressWithin = attempts.TryAddress(address, out var wait);
        if (CheckCredentials(context.Request) is { } refused)
            return refused;
        var allowed = Allowed(context.Request);
        // Both are asked, so that each attempt counts against the device and the address alike.
        if (!attempts.TryDevice(allowed.Device!, out var deviceWait) | !addressWithin) // Allowed names the device
            return HandshakeAnswer
                .Refuse(
                    HandshakeRefusal.TooManyAttempts,
                    429,
                    "Too many handshakes from this device or address: wait, and back off with jitter."
                )
                .RetryAfter(deviceWait > wait ? deviceWait : wait);
        return CheckRoom(allowed) ?? CheckPace() ?? allowed;
    }

    private HandshakeAnswer? CheckCredentials(HttpRequest request)
    {
        var header = request.Headers.Authorization is [{ } only] ? only : string.Empty;
        var parsed = Credentials.TryParse(header, out var credentials);
        // No credentials, an unknown device and a wrong secret all go through here, at the same cost.
        return registry.Authenticate(parsed ? credentials.Device.ToString() : null, credentials.Secret) switch
        {
            Authentication.Succeeded => null,
            Authentication.Disabled => HandshakeAnswer.Refuse(
                HandshakeRefusal.Disabled,
                403,
                "This device is disabled: 'iotgw device enable' lets it in again."
            ),
            _ => HandshakeAnswer
                .Refuse(
                    HandshakeRefusal.Credentials,
                    401,
                    "Send 'Authorization: Bearer <deviceId>.<secret>' with the token that 'iotgw device add' or 'rotate' has printed."
                )
                .With("WWW-Authenticate", "Bearer"),
        };
    }

    private HandshakeAnswer? CheckRoom(HandshakeAnswer allowed)
    {
        if (links.IsDraining)
            return HandshakeAnswer
                .Refuse(HandshakeRefusal.Draining, 503, "This gateway is stopping: come back later.")
                .RetryAfter(RetryLater);
        // A device whose old link is dead and not yet known to be takes its own place.
        if (links.IsFull && links.Find(allowed.Device!) is null) // Allowed names the device
            return HandshakeAnswer
                .Refuse(
                    HandshakeRefusal.Full,
                    503,
                    "All links are taken: come back later, or raise Limits:Connections."
                )
                .RetryAfter(RetryLater);
        return null;
    }

    private HandshakeAnswer? CheckPace() =>
        attempts.TryAny(out var wait)
            ? null
            : HandshakeAnswer
                .Refuse(HandshakeRefusal.Busy, 503, "Many devices connect at this moment: come back a little later.")
                .RetryAfter(wait + RetryLater);

    private static HandshakeAnswer Allowed(HttpRequest request)
    {
        // They were right: CheckCredentials came before.
        _ = Credentials.TryParse(request.Headers.Authorization.ToString(), out var credentials);
        return HandshakeAnswer.Switch(credentials.Device.ToString(), ChooseSubprotocol(request) ?? Subprotocols[0]);
    }

    private static string? ChooseSubprotocol(HttpRequest request) =>
        request.HttpContext.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(offered =>
            Subprotocols.Contains(offered)
        );

    private static bool HasToken(StringValues header, string token) =>
        header.Any(line =>
            line is not null
            && line.Split(',').Any(part => part.AsSpan().Trim().Equals(token, StringComparison.OrdinalIgnoreCase))
        );

    private static bool IsKey(StringValues header)
    {
        Span<byte> key = stackalloc byte[18];
        return header is [{ Length: 24 } only] && Convert.TryFromBase64String(only, key, out var count) && count == 16;
    }
}
