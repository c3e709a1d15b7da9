namespace IoTGateway.Tests.Servers;

/// <summary>
/// RabbitMQ with its MQTT plugin, which speaks 3.1.1. It takes several seconds to start: once for all tests of a class.
/// </summary>
internal sealed class RabbitMqServer : IAsyncDisposable
{
    private const string Binary = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private const string PortMapper = "/usr/bin/epmd";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-rabbitmq-").FullName;
    private readonly int _epmdPort = ServerProcess.FreePort();
    private readonly int _port = ServerProcess.FreePort();
    private ServerProcess? _epmd;
    private ServerProcess? _process;

    public string Url => $"mqtt://127.0.0.1:{_port}";

    public static async Task<RabbitMqServer> StartAsync()
    {
        ServerProcess.Require(Binary, "rabbitmq-server");
        var server = new RabbitMqServer();
        try
        {
            await server.ResumeAsync();
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        if (_epmd is not null)
            await _epmd.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ResumeAsync()
    {
        // Erlang's port mapper, in front and ours: else the node would leave one behind in the background.
        _epmd = await ServerProcess.StartAsync(
            PortMapper,
            ["-port", $"{_epmdPort}", "-address", "127.0.0.1"],
            new Uri($"tcp://127.0.0.1:{_epmdPort}")
        );
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "rabbitmq.conf"),
            $"""
            listeners.tcp = none
            mqtt.listeners.tcp.1 = 127.0.0.1:{_port}
            mqtt.allow_anonymous = true
            log.console = true
            log.console.level = warning
            log.file = false

            """
        );
        await File.WriteAllTextAsync(Path.Combine(_folder, "enabled_plugins"), "[rabbitmq_mqtt].");
        _process = await ServerProcess.StartAsync(
            Binary,
            [],
            new Uri($"tcp://127.0.0.1:{_port}"),
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["HOME"] = _folder,
                ["ERL_EPMD_PORT"] = $"{_epmdPort}",
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                ["RABBITMQ_NODENAME"] = $"iotgw-{_port}@localhost",
                ["RABBITMQ_DIST_PORT"] = $"{ServerProcess.FreePort()}",
                ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
                ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia"),
                ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
                // The script then becomes the node itself, so that the process id is the node's.
                ["RUNNING_UNDER_SYSTEMD"] = "true",
            }
        );
    }
}
