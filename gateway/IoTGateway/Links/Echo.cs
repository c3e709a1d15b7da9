using System.Net;
using IoTGateway.Links.Frames;

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
        var connection = await UpgradedConnection.AcceptAsync(context, subprotocol: null);
        var output = new FrameWriter(connection.Output);
        using var frames = new FrameReader(connection.Input, MaxBytes);
        LinkEnd? end;
        while ((end = await frames.ReadAsync(payload => SendAsync(FrameKind.Pong, payload))) is null)
            await SendAsync(frames.Kind.Frame(), frames.Message);
        if (end.Value.CloseCode() is not { } code)
            return;
        output.WriteClose(end == LinkEnd.Closed ? frames.CloseStatus ?? code : code, "");
        await output.FlushAsync();

        async ValueTask SendAsync(FrameKind kind, ReadOnlyMemory<byte> payload)
        {
            output.Write(kind, payload.Span);
            await output.FlushAsync();
        }
    }
}
