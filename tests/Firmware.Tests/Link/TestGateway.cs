using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Firmware.Tests.Link;

/// <summary>
/// The gateway's half of the link on a real Kestrel, one step at a time: a test accepts a link and says what is sent on it.
/// </summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<TestLink> _links = Channel.CreateUnbounded<TestLink>();

    private TestGateway(WebApplication app) => _app = app;

    public Uri LinkUri { get; private set; } = new("ws://unset");

    /// <summary>Answers handshakes with this status instead of 101.</summary>
    public int? RefuseWith { get; set; }

    /// <summary>Answers of GET /v1/doctor.</summary>
    public string DoctorAnswer { get; set; } = """{"handshake":"would succeed"}""";

    public int HandshakesRefused { get; private set; }

    /// <summary>Who answers POST /v1/messages; 404 while there is nobody.</summary>
    public Func<HttpContext, Task>? Requests { get; set; }

    public static async Task<TestGateway> StartAsync(X509Certificate2? certificate = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                port,
                listen =>
                {
                    if (certificate is not null)
                        listen.UseHttps(certificate);
                }
            )
        );
        var gateway = new TestGateway(builder.Build());
        gateway._app.Use(
            (context, next) =>
            {
                if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
                    context.Features.Set<IHttpUpgradeFeature>(new TappedUpgrade(upgrade));
                return next(context);
            }
        );
        gateway._app.UseWebSockets();
        gateway._app.Map("/v1/link", gateway.ServeAsync);
        gateway._app.MapGet("/v1/doctor", () => Results.Text(gateway.DoctorAnswer, "application/json"));
        gateway._app.MapPost("/v1/messages", gateway.AnswerAsync);
        await gateway._app.StartAsync();
        var address = gateway
            ._app.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.Single();
        var scheme = certificate is null ? "ws" : "wss";
        gateway.LinkUri = new Uri($"{scheme}://localhost:{new Uri(address).Port}/v1/link");
        return gateway;
    }

    public async Task<TestLink> AcceptAsync() => await _links.Reader.ReadAsync().AsTask().WaitAsync(TestLink.Patience);

    public async Task<TestLink> AcceptAsync(CancellationToken cancellationToken) =>
        await _links.Reader.ReadAsync(cancellationToken);

    /// <summary>Devices that are answered 503, as those that the radio does not reach.</summary>
    public ConcurrentDictionary<string, bool> OutOfReach { get; } = new();

    public async ValueTask DisposeAsync()
    {
        _links.Writer.TryComplete();
        while (_links.Reader.TryRead(out var link))
            link.Drop();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var isHere = !OutOfReach.Keys.Any(context.Request.Headers.Authorization.ToString().Contains);
        if (isHere && Requests is { } requests)
            return requests(context);
        context.Response.StatusCode = isHere ? 404 : 503;
        return Task.CompletedTask;
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (RefuseWith is { } status)
        {
            HandshakesRefused++;
            context.Response.StatusCode = status;
            return;
        }

        if (context.Request.Headers.Authorization.ToString() is var token && OutOfReach.Keys.Any(token.Contains))
        {
            context.Response.StatusCode = 503;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault()
        );
        var link = new TestLink(context, socket);
        _links.Writer.TryWrite(link);
        await link.ReadAllAsync();
    }
}
