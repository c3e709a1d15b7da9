using System.Text.Json;

namespace IoTGateway.Bench.Ingest;

/// <summary>InfluxDB 1.x as Debian ships it.</summary>
internal sealed class InfluxStore : LineStore
{
    private const string SettleSoon =
        "cache-snapshot-write-cold-duration = \"1s\"\n  compact-full-write-cold-duration = \"2s\"";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-bench-influx-").FullName;
    private readonly string _url = $"http://127.0.0.1:{Ports.Free()}";
    private readonly HttpClient _http = new();
    private BenchProcess? _process;

    public override string Name => "influxdb";

    public override Uri WriteUrl => new($"{_url}/write?db=bench&precision=ms");

    public override string[] GatewaySettings =>
        [$"--Influx:Url={_url}", "--Influx:Version=1", "--Influx:Database=bench"];

    /// <summary>Queries go there, with <c>db=bench</c>.</summary>
    public Uri QueryUrl => new($"{_url}/query?db=bench&epoch=ms");

    public override double CpuSeconds() => _process?.CpuSeconds() ?? 0;

    /// <summary>Where its files are.</summary>
    public string Folder => _folder;

    /// <param name="settlesSoon">Compacts what is not written to for some seconds, where it would wait for hours.</param>
    public static async Task<InfluxStore> StartAsync(bool settlesSoon = false)
    {
        var store = new InfluxStore();
        var port = new Uri(store._url).Port;
        var config = Path.Combine(store._folder, "influxdb.conf");
        await File.WriteAllTextAsync(
            config,
            $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{Ports.Free()}"
            [meta]
              dir = "{store._folder}/meta"
            [data]
              dir = "{store._folder}/data"
              wal-dir = "{store._folder}/wal"
              index-version = "tsi1"
              {(settlesSoon ? SettleSoon : "")}
            [monitor]
              store-enabled = false
            [http]
              bind-address = "127.0.0.1:{port}"
              log-enabled = false
            [logging]
              level = "error"
            """
        );
        await store.RunAsync();
        await store.QueryAsync("CREATE DATABASE bench");
        return store;
    }

    /// <summary>Ends the process as it is and does something while nobody has its files open, then starts it again.</summary>
    public async Task RestartAsync(Action meanwhile)
    {
        if (_process is not null)
            await _process.DisposeAsync();
        meanwhile();
        await RunAsync();
    }

    public override async Task<long> CountAsync()
    {
        var result = (await QueryAsync("SELECT COUNT(temperature) FROM room")).GetProperty("results")[0];
        return result.TryGetProperty("series", out var series) ? series[0].GetProperty("values")[0][1].GetInt64() : 0;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync()
    {
        var config = Path.Combine(_folder, "influxdb.conf");
        var port = new Uri(_url).Port;
        _process = await BenchProcess.StartAsync("influxd", ["-config", config], () => Ports.IsOpenAsync(port));
    }

    private async Task<JsonElement> QueryAsync(string query)
    {
        using var form = new FormUrlEncodedContent([new("q", query), new("db", "bench")]);
        using var answer = await _http.PostAsync($"{_url}/query", form);
        answer.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}
