using Microsoft.Extensions.Options;

namespace IoTGateway.Links;

/// <summary><c>/v1/link</c>: checks the handshake, upgrades, and runs the session until it ends.</summary>
internal static class LinkEndpoint
{
    public static void MapLink(this WebApplication app)
    {
        var handshake = app.Services.GetRequiredService<Handshake>();
        var services = app.Services.GetRequiredService<LinkServices>();
        app.Map("/v1/link", context => AcceptAsync(context, handshake, services)).ExcludeFromDescription();
        app.MapGet("/v1/doctor", Doctor.Examine).WithTags("Link");
        if (app.Services.GetRequiredService<IOptions<DiagnosticsOptions>>().Value.Echo)
            app.MapGet("/v1/echo", Echo.AcceptAsync).ExcludeFromDescription();
    }

    private static async Task AcceptAsync(HttpContext context, Handshake handshake, LinkServices services)
    {
        var answer = handshake.Check(context);
        if (answer.Refusal != HandshakeRefusal.None)
        {
            await answer.WriteAsync(context);
            return;
        }
        var ping = TimeSpan.FromSeconds(services.Limits.PingSeconds);
        var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext
            {
                SubProtocol = answer.Subprotocol,
                KeepAliveInterval = ping,
                KeepAliveTimeout = ping,
            }
        );
        // An answer of 101 names both.
        using var session = new DeviceSession(answer.Device!, socket, answer.Subprotocol!, services);
        await session.RunAsync(() => handshake.StillAllows(context.Request), context.RequestAborted);
    }
}
