using System.Text.Json;

namespace IoTGateway.Tests.Servers;

/// <summary>VictoriaMetrics, which takes the write call of InfluxDB 2 and stores a series per field.</summary>
internal sealed class VictoriaMetricsServer : IAsyncDisposable
{
    private const string Binary = "/usr/bin/victoria-metrics";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-victoria-").FullName;
    private readonly int _port = ServerProcess.FreePort();
    private readonly HttpClient _http;
    private ServerProcess? _process;

    private VictoriaMetricsServer() => _http = new HttpClient { BaseAddress = new Uri(Url) };

    public string Url => $"http://127.0.0.1:{_port}";

    public static async Task<VictoriaMetricsServer> StartAsync()
    {
        ServerProcess.Require(Binary, "victoria-metrics");
        var server = new VictoriaMetricsServer();
        await server.ResumeAsync();
        return server;
    }

    /// <summary>
    /// Ends the process in order. It answers 204 before its data is on disk: a kill loses the last seconds.
    /// </summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        await _process.TerminateAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>kill -9: what it had not written yet is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Starts it again, on the same port and folder.</summary>
    public async Task ResumeAsync() =>
        _process = await ServerProcess.StartAsync(
            Binary,
            [
                $"-storageDataPath={_folder}",
                $"-httpListenAddr=127.0.0.1:{_port}",
                "-retentionPeriod=100y",
                // Without it a sample written twice is stored twice.
                "-dedup.minScrapeInterval=1ms",
                "-loggerLevel=WARN",
            ],
            new Uri($"{Url}/health")
        );

    /// <summary>Every value of a device: (metric name, ms) to value, and how many samples there are in all.</summary>
    public async Task<(Dictionary<(string Metric, long UnixMs), double> Values, int Samples)> ReadAsync(string device)
    {
        await _http.GetStringAsync("/internal/force_flush");
        var match = Uri.EscapeDataString($"{{device=\"{device}\"}}");
        var text = await _http.GetStringAsync($"/api/v1/export?match[]={match}");
        var values = new Dictionary<(string, long), double>();
        var samples = 0;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            var name = json.RootElement.GetProperty("metric").GetProperty("__name__").GetString() ?? "";
            var times = json.RootElement.GetProperty("timestamps").EnumerateArray().ToArray();
            var numbers = json.RootElement.GetProperty("values").EnumerateArray().ToArray();
            samples += times.Length;
            for (var i = 0; i < times.Length; i++)
                values[(name, times[i].GetInt64())] = numbers[i].GetDouble();
        }
        return (values, samples);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
