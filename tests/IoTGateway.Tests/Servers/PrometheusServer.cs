using System.Text.Json;

namespace IoTGateway.Tests.Servers;

/// <summary>Prometheus as Debian ships it.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private const string Binary = "/usr/bin/prometheus";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-prometheus-").FullName;
    private readonly HttpClient _http;
    private ServerProcess? _process;

    private PrometheusServer(Uri url) => _http = new HttpClient { BaseAddress = url };

    /// <param name="configuration">What is in prometheus.yml.</param>
    public static async Task<PrometheusServer> StartAsync(string configuration)
    {
        ServerProcess.Require(Binary, "prometheus");
        var port = ServerProcess.FreePort();
        var server = new PrometheusServer(new Uri($"http://127.0.0.1:{port}"));
        var config = Path.Combine(server._folder, "prometheus.yml");
        await File.WriteAllTextAsync(config, configuration);
        server._process = await ServerProcess.StartAsync(
            Binary,
            [
                $"--config.file={config}",
                $"--storage.tsdb.path={server._folder}/data",
                $"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ],
            new Uri(server._http.BaseAddress!, "/-/ready") // given above
        );
        return server;
    }

    /// <summary>The values that an expression has now.</summary>
    public async Task<double[]> QueryAsync(string expression)
    {
        var text = await _http.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}");
        var result = JsonElement.Parse(text).GetProperty("data").GetProperty("result");
        return [.. result.EnumerateArray().Select(one => double.Parse(one.GetProperty("value")[1].GetString() ?? ""))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
