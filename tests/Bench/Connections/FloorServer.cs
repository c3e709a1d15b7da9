using System.CommandLine;
using System.Net;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Connections;

/// <summary>
/// The least that a link can cost on this platform: Kestrel, and a handler that waits in a read of zero bytes for a message
/// that never comes. A process of its own, by the hidden verb <c>floor</c>.
/// </summary>
internal sealed class FloorServer : IngestServer
{
    private readonly int _port = Ports.Free();
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-bench-floor-").FullName;
    private readonly bool _tls;

    private FloorServer(bool tls) => _tls = tls;

    public override string Name => "floor";

    public override LinkTarget Target => new(_port, _tls, "/v1/link", null);

    public static async Task<FloorServer> StartAsync(bool tls)
    {
        var server = new FloorServer(tls);
        // The garbage collector that the gateway has.
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_gcServer"] = "0" };
        if (tls)
            BenchCertificate.Write(server._folder, environment);
        server.Processes.Add(
            await BenchProcess.StartAsync(
                "dotnet",
                [Path.Combine(AppContext.BaseDirectory, "Bench.dll"), "floor", $"{server._port}"],
                () => Ports.IsOpenAsync(server._port),
                environment
            )
        );
        return server;
    }

    public override Task CollectGarbageAsync() => Processes[0].CollectGarbageAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What the process runs.</summary>
    public static Command CreateVerb()
    {
        var port = new Argument<int>("port") { Description = "On loopback" };
        var verb = new Command("floor", "The empty handler that 'connections' compares with") { port };
        verb.Hidden = true;
        verb.SetAction((result, _) => ServeAsync(result.GetRequiredValue(port)));
        return verb;
    }

    private static Task ServeAsync(int port)
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
                    if (BenchCertificate.Read() is { } certificate)
                        listen.UseHttps(certificate);
                }
            )
        );
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/v1/link", WaitAsync);
        return app.RunAsync();
    }

    private static async Task WaitAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.ReceiveAsync(Memory<byte>.Empty, context.RequestAborted);
    }
}
