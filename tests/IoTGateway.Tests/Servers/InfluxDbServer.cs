using System.Text.Json;

namespace IoTGateway.Tests.Servers;

/// <summary>InfluxDB 1.x as Debian ships it, without a service manager.</summary>
internal sealed class InfluxDbServer : IAsyncDisposable
{
    public const string Database = "telemetry";
    private const string Binary = "/usr/bin/influxd";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-influxdb-").FullName;
    private readonly int _port = ServerProcess.FreePort();
    private readonly HttpClient _http;
    private ServerProcess? _process;

    private InfluxDbServer() => _http = new HttpClient { BaseAddress = new Uri(Url) };

    public string Url => $"http://127.0.0.1:{_port}";

    public static async Task<InfluxDbServer> StartAsync()
    {
        ServerProcess.Require(Binary, "influxdb");
        var server = new InfluxDbServer();
        await server.ResumeAsync();
        await server.QueryAsync($"CREATE DATABASE {Database}");
        return server;
    }

    /// <summary>Kills the process; what it stored stays.</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Starts it again, on the same port and folder.</summary>
    public async Task ResumeAsync()
    {
        var config = Path.Combine(_folder, "influxdb.conf");
        await File.WriteAllTextAsync(config, Config());
        _process = await ServerProcess.StartAsync(Binary, ["-config", config], new Uri($"{Url}/ping"));
    }

    /// <summary>Runs InfluxQL; the answer's first result.</summary>
    public async Task<JsonElement> QueryAsync(string query)
    {
        using var form = new FormUrlEncodedContent([new("q", query), new("db", Database), new("epoch", "ms")]);
        using var answer = await _http.PostAsync("/query", form);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("results")[0];
    }

    /// <summary>Writes lines as anybody could.</summary>
    public async Task WriteAsync(string lines)
    {
        using var answer = await _http.PostAsync($"/write?db={Database}&precision=ms", new StringContent(lines));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Every value of a device: (measurement, field, ms) to the value as text or number.</summary>
    public async Task<Dictionary<(string, string, long), object>> ReadAsync(string device)
    {
        var values = new Dictionary<(string, string, long), object>();
        var result = await QueryAsync($"SELECT * FROM /.*/ WHERE device = '{device}'");
        if (!result.TryGetProperty("series", out var series))
            return values;
        foreach (var one in series.EnumerateArray())
        {
            var measurement = one.GetProperty("name").GetString() ?? "";
            var columns = one.GetProperty("columns").EnumerateArray().Select(name => name.GetString() ?? "").ToArray();
            foreach (var row in one.GetProperty("values").EnumerateArray())
            {
                for (var column = 1; column < columns.Length; column++)
                {
                    if (columns[column] != "device" && ValueOf(row[column]) is { } value)
                        values.Add((measurement, columns[column], row[0].GetInt64()), value);
                }
            }
        }
        return values;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static object? ValueOf(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Number => element.GetDouble(),
            JsonValueKind.True => 1.0,
            JsonValueKind.False => 0.0,
            JsonValueKind.String => element.GetString(),
            _ => null,
        };

    private string Config() =>
        $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{ServerProcess.FreePort()}"
            [meta]
              dir = "{_folder}/meta"
            [data]
              dir = "{_folder}/data"
              wal-dir = "{_folder}/wal"
              index-version = "tsi1"
              query-log-enabled = false
            [monitor]
              store-enabled = false
            [http]
              enabled = true
              bind-address = "127.0.0.1:{_port}"
              log-enabled = false
            [logging]
              level = "warn"
            [continuous_queries]
              enabled = false
            """;
}
