namespace IoTGateway.Tests.Servers;

/// <summary>nats-server with JetStream and its MQTT listener, which speaks 3.1.1.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private const string Binary = "/usr/sbin/nats-server";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-nats-").FullName;
    private readonly int _natsPort = ServerProcess.FreePort();
    private readonly int _port = ServerProcess.FreePort();
    private ServerProcess? _process;

    public string Url => $"mqtt://127.0.0.1:{_port}";

    public static async Task<NatsServer> StartAsync()
    {
        ServerProcess.Require(Binary, "nats-server");
        var server = new NatsServer();
        await server.ResumeAsync();
        return server;
    }

    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    public async Task ResumeAsync()
    {
        var config = Path.Combine(_folder, "nats.conf");
        await File.WriteAllTextAsync(
            config,
            $$"""
            listen: "127.0.0.1:{{_natsPort}}"
            server_name: iotgw
            jetstream { store_dir: "{{_folder}}/store" }
            # What was not acknowledged comes again no sooner than this, reconnect or not.
            mqtt { listen: "127.0.0.1:{{_port}}", ack_wait: "3s" }
            """
        );
        _process = await ServerProcess.StartAsync(Binary, ["-c", config], new Uri($"tcp://127.0.0.1:{_port}"));
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
