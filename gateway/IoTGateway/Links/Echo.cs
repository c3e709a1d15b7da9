using System.Net;
using System.Net.WebSockets;

namespace IoTGateway.Links;

/// <summary>
/// <c>/v1/echo</c>: returns every message through the receive code of the link, for conformance suites. On loopback
/// only, and only where <c>Diagnostics:Echo</c> says so.
/// </summary>
internal static class Echo
{
    /// <summary>Conformance suites send up to 16 MiB in one message.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    public static async Task AcceptAsync(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var frames = new FrameReader(socket, MaxBytes);
        LinkEnd? end;
        while ((end = await frames.ReadAsync()) is null)
            await socket.SendAsync(
                frames.Message,
                frames.Kind,
                WebSocketMessageFlags.EndOfMessage,
                context.RequestAborted
            );
        if (end.Value.CloseCode() is { } code && socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await socket.CloseOutputAsync(
                end == LinkEnd.Closed ? socket.CloseStatus ?? code : code,
                null,
                context.RequestAborted
            );
    }
}
