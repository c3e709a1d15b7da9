using System.CommandLine;
using IoTGateway.Sockets;

namespace IoTGateway.Bench.Ingest;

/// <summary>
/// What no server goes below that answers each message: <see cref="EpollLoop"/> in a process of its own, by the hidden verb
/// <c>epoll-ack</c>. What it reads goes nowhere.
/// </summary>
internal sealed class EpollServer : IngestServer
{
    public const string ServerName = "epoll-ack";

    private readonly int _port = Ports.Free();

    public override string Name => ServerName;

    public override LinkTarget Target => new(_port, Tls: false, "/v1/link", null);

    public static async Task<EpollServer> StartAsync(bool tls)
    {
        if (tls || !Epoll.IsSupported)
            throw new InvalidOperationException($"{ServerName} speaks ws only, and Linux.");
        var server = new EpollServer();
        server.Processes.Add(
            await BenchProcess.StartAsync(
                "dotnet",
                [Path.Combine(AppContext.BaseDirectory, "Bench.dll"), ServerName, $"{server._port}"],
                () => Ports.IsOpenAsync(server._port)
            )
        );
        return server;
    }

    public override Uplink CreateUplink(string device, long startMs) =>
        new JsonUplink(device, startMs, isAcknowledged: true);

    /// <summary>What the process runs.</summary>
    public static Command CreateVerb()
    {
        var port = new Argument<int>("port") { Description = "On loopback" };
        var verb = new Command(ServerName, "The bare loop that 'ingest' compares with") { port };
        verb.Hidden = true;
        verb.SetAction(result => EpollLoop.Run(result.GetRequiredValue(port)));
        return verb;
    }
}
