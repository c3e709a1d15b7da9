using IoTGateway.Links.Senml;
using IoTGateway.Security;
using Microsoft.Extensions.Primitives;

namespace IoTGateway.Links;

/// <summary>
/// Decides who may connect, before the upgrade (PROTOCOL.md, "Opening handshake"). The checks stand in the order of
/// that table.
/// </summary>
internal sealed class Handshake(SenderCheck sender, AttemptLimiter attempts, GatewayMetrics metrics)
{
    public static readonly string[] Subprotocols = [IotgwDialect.Name, SenmlDialect.Name];

    /// <summary>Checks a request; a refusal is counted. Whoever is allowed has a place in the table of links.</summary>
    public HandshakeAnswer Check(HttpContext context)
    {
        var answer = CheckRequest(context.Request) ?? CheckSender(context);
        if (answer.Refusal != HandshakeRefusal.None)
            metrics.HandshakeRefused(answer.Refusal);
        return answer;
    }

    /// <summary>
    /// What the handshake would say of the sender; counts as no attempt. A device that hears 101 while its handshakes fail takes
    /// something in between to break them, so that it was sent away by the pace is foreseen too.
    /// </summary>
    public HandshakeAnswer Foresee(HttpContext context)
    {
        if (sender.Credentials(context.Request) is { } refused)
            return refused;
        var device = SenderCheck.DeviceOf(context.Request);
        return sender.Draining() ?? sender.Room(device) ?? sender.ForeseenPace() ?? Allowed(context.Request, device);
    }

    /// <summary>Whether the credentials of a handshake are right at this moment as well.</summary>
    public bool StillAllows(HttpRequest request) => sender.Credentials(request) is null;

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
        if (sender.Origin(request) is { } strange)
            return strange;
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
        if (sender.Credentials(context.Request) is { } refused)
            return refused;
        var device = SenderCheck.DeviceOf(context.Request);
        // Both are asked, so that each attempt counts against the device and the address alike.
        if (!attempts.TryDevice(device, out var deviceWait) | !addressWithin)
            return SenderCheck.TooMany("handshakes", deviceWait > wait ? deviceWait : wait);
        return sender.Draining()
            ?? sender.Room(device)
            ?? sender.Pace()
            ?? sender.Enter(device)
            ?? Allowed(context.Request, device);
    }

    private static HandshakeAnswer Allowed(HttpRequest request, string device) =>
        HandshakeAnswer.Switch(device, ChooseSubprotocol(request) ?? Subprotocols[0]);

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
