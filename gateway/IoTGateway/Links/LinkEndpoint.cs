using System.Net.WebSockets;
using IoTGateway.Links.Requests;
using Microsoft.Extensions.Options;

namespace IoTGateway.Links;

/// <summary><c>/v1/link</c>: checks the handshake, upgrades, and runs the session until it ends.</summary>
internal static class LinkEndpoint
{
    /// <summary>
    /// The platform looks at its pings four times in the shorter of interval and timeout, so that each of the two may take a
    /// quarter longer. With 0.8 a ping leaves at least once in a period, and a silent link ends within two of them.
    /// </summary>
    private const double PartOfPeriod = 0.8;

    public const string Path = "/v1/link";

    public static bool IsLink(HttpRequest request) =>
        request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase, out var rest)
        && (!rest.HasValue || rest.Value == "/");

    /// <summary>
    /// Takes device links out of what every other request goes through after this: of all that, each link would keep its part
    /// for as long as it lasts, and its device would be sent what is for browsers.
    /// </summary>
    public static void UseLinks(this WebApplication app)
    {
        var handshake = app.Services.GetRequiredService<Handshake>();
        var services = app.Services.GetRequiredService<LinkServices>();
        app.UseWebSockets();
        app.Use(next => context => IsLink(context.Request) ? AcceptAsync(context, handshake, services) : next(context));
    }

    public static void MapLink(this WebApplication app)
    {
        MessagesEndpoint.Map(app);
        app.MapGet("/v1/doctor", Doctor.Examine).WithTags("Link");
        if (app.Services.GetRequiredService<IOptions<DiagnosticsOptions>>().Value.Echo)
            app.MapGet("/v1/echo", Echo.AcceptAsync).ExcludeFromDescription();
    }

    private static Task AcceptAsync(HttpContext context, Handshake handshake, LinkServices services)
    {
        var answer = handshake.Check(context);
        if (answer.Refusal != HandshakeRefusal.None)
            return answer.WriteAsync(context);
        // An answer of 101 names both.
        return OpenAsync(context, answer.Device!, answer.Subprotocol!, handshake, services);
    }

    private static async Task OpenAsync(
        HttpContext context,
        string device,
        string subprotocol,
        Handshake handshake,
        LinkServices services
    )
    {
        var socket = await UpgradeAsync(context, subprotocol, services);
        using var link = new WebSocketLink(device, socket, subprotocol, services);
        var running = link.RunAsync(() => handshake.StillAllows(context.Request), context.RequestAborted);
        // Nobody asks for them any more.
        context.Request.Headers.Clear();
        await running;
    }

    private static async Task<WebSocket> UpgradeAsync(HttpContext context, string subprotocol, LinkServices services)
    {
        var ping = TimeSpan.FromSeconds(services.Limits.PingSeconds * PartOfPeriod);
        try
        {
            return await context.WebSockets.AcceptWebSocketAsync(
                new WebSocketAcceptContext
                {
                    SubProtocol = subprotocol,
                    KeepAliveInterval = ping,
                    KeepAliveTimeout = ping,
                }
            );
        }
        catch
        {
            // Whoever went away in between never became a link.
            services.Links.Leave();
            throw;
        }
    }
}
