using IoTGateway.Links.Frames;
using IoTGateway.Links.Requests;
using Microsoft.Extensions.Options;

namespace IoTGateway.Links;

/// <summary><c>/v1/link</c>: checks the handshake, upgrades, and runs the session until it ends.</summary>
internal static class LinkEndpoint
{
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
        var connection = await UpgradeAsync(context, device, subprotocol, services);
        using var link = new WebSocketLink(device, connection, subprotocol, services);
        var running = link.RunAsync(() => handshake.StillAllows(context.Request), context.RequestAborted);
        // Nobody asks for them any more.
        context.Request.Headers.Clear();
        await running;
    }

    private static async Task<UpgradedConnection> UpgradeAsync(
        HttpContext context,
        string device,
        string subprotocol,
        LinkServices services
    )
    {
        try
        {
            return await UpgradedConnection.AcceptAsync(context, subprotocol);
        }
        catch
        {
            // Whoever went away in between never became a link.
            services.Links.Leave(device);
            throw;
        }
    }
}
