namespace IoTGateway.Tests.Servers;

/// <summary>Mosquitto, which speaks MQTT 3.1.1 and 5.0. What it holds survives an orderly end.</summary>
internal sealed class MosquittoServer : IAsyncDisposable
{
    private const string Binary = "/usr/sbin/mosquitto";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-mosquitto-").FullName;
    private readonly string[] _settings;
    private ServerProcess? _process;

    private MosquittoServer(string[] settings) => _settings = settings;

    public int Port { get; } = ServerProcess.FreePort();

    public string Url => $"mqtt://127.0.0.1:{Port}";

    /// <summary>What it has said.</summary>
    public string Output => _process?.Output ?? "";

    /// <param name="settings">Lines of mosquitto.conf; <c>{folder}</c> is the server's own folder.</param>
    public static async Task<MosquittoServer> StartAsync(params string[] settings)
    {
        ServerProcess.Require(Binary, "mosquitto");
        var server = new MosquittoServer(settings);
        await server.AllowAsync();
        await server.ResumeAsync();
        return server;
    }

    /// <summary>For a broker with <c>acl_file {folder}/acl</c>: what anybody may do, from its next start on.</summary>
    public Task AllowAsync(params string[] topics) =>
        File.WriteAllLinesAsync(Path.Combine(_folder, "acl"), topics.Select(topic => $"topic readwrite {topic}"));

    /// <summary>Kills the process: what it held in memory is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Ends it in order: sessions, queues and retained messages are on disk.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        await _process.TerminateAsync();
        await KillAsync();
    }

    /// <summary>Starts it again, on the same port and folder.</summary>
    public async Task ResumeAsync()
    {
        var config = Path.Combine(_folder, "mosquitto.conf");
        await File.WriteAllTextAsync(config, Config());
        _process = await ServerProcess.StartAsync(Binary, ["-c", config], new Uri($"tcp://127.0.0.1:{Port}"));
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Config() =>
        $"""
            listener {Port} 127.0.0.1
            user root
            allow_anonymous true
            persistence true
            persistence_location {_folder}/
            log_type error
            log_type warning
            log_type notice
            {string.Join('\n', _settings).Replace("{folder}", _folder, StringComparison.Ordinal)}

            """;
}
