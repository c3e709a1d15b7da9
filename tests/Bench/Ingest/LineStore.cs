using System.Text.Json;

namespace IoTGateway.Bench.Ingest;

/// <summary>Where every server under test writes its lines.</summary>
internal abstract class LineStore : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>Takes line protocol by POST, with times in milliseconds.</summary>
    public abstract Uri WriteUrl { get; }

    public abstract string[] GatewaySettings { get; }

    /// <summary>Lines it has.</summary>
    public abstract Task<long> CountAsync();

    /// <summary>User and system time of the database's process, in seconds; 0 where it has none of its own.</summary>
    public virtual double CpuSeconds() => 0;

    public abstract ValueTask DisposeAsync();

    public static async Task<LineStore> StartAsync(string name) =>
        name switch
        {
            "sink" => await LineSink.StartAsync(),
            "victoria-metrics" => await VictoriaStore.StartAsync(),
            "influxdb" => await InfluxStore.StartAsync(),
            _ => throw new ArgumentException(
                $"No database is called '{name}'; there are none, sink, victoria-metrics, influxdb.",
                nameof(name)
            ),
        };
}

/// <summary>Counts lines and forgets them: what a server costs when its database costs nothing.</summary>
internal sealed class LineSink : LineStore
{
    private readonly WebApplication _app;
    private long _lines;

    private LineSink()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/{**path}", CountLinesAsync);
    }

    public override string Name => "sink";

    /// <summary>Shown the lines of each request before it is answered.</summary>
    public LinesTaken? Taken { get; set; }

    public override Uri WriteUrl => new($"{_app.Urls.First()}/api/v2/write?bucket=b&precision=ms");

    public override string[] GatewaySettings => [$"--Influx:Url={_app.Urls.First()}", "--Influx:Bucket=b"];

    public static async Task<LineSink> StartAsync()
    {
        var sink = new LineSink();
        await sink._app.StartAsync();
        return sink;
    }

    public override Task<long> CountAsync() => Task.FromResult(Interlocked.Read(ref _lines));

    public override ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> CountLinesAsync(HttpRequest request)
    {
        Stream body = request.Body;
        if (request.Headers.ContentEncoding == "gzip")
            body = new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Decompress);
        var buffer = new byte[32 * 1024];
        var whole = Taken is null ? null : new MemoryStream();
        var lines = 0;
        while (await body.ReadAsync(buffer) is > 0 and var read)
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            whole?.Write(buffer, 0, read);
        }
        if (whole is not null)
            Taken?.Invoke(whole.GetBuffer().AsSpan(0, (int)whole.Length));
        Interlocked.Add(ref _lines, lines);
        return Results.NoContent();
    }
}

internal delegate void LinesTaken(ReadOnlySpan<byte> lines);

/// <summary>VictoriaMetrics, which speaks InfluxDB 2's write call.</summary>
internal sealed class VictoriaStore : LineStore
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-bench-victoria-").FullName;
    private readonly string _url = $"http://127.0.0.1:{Ports.Free()}";
    private readonly HttpClient _http = new();
    private BenchProcess? _process;

    public override string Name => "victoria-metrics";

    public override Uri WriteUrl => new($"{_url}/api/v2/write?bucket=b&precision=ms");

    public override string[] GatewaySettings => [$"--Influx:Url={_url}", "--Influx:Bucket=b"];

    public override double CpuSeconds() => _process?.CpuSeconds() ?? 0;

    public static async Task<VictoriaStore> StartAsync()
    {
        var store = new VictoriaStore();
        var port = new Uri(store._url).Port;
        string[] arguments =
        [
            $"-storageDataPath={store._folder}",
            $"-httpListenAddr=127.0.0.1:{port}",
            "-retentionPeriod=1y",
            "-loggerLevel=ERROR",
        ];
        store._process = await BenchProcess.StartAsync("victoria-metrics", arguments, () => Ports.IsOpenAsync(port));
        return store;
    }

    public override async Task<long> CountAsync()
    {
        await _http.GetStringAsync($"{_url}/internal/force_flush");
        var query = Uri.EscapeDataString("sum(count_over_time({__name__=~\"room_temperature.*\"}[1d]))");
        var json = JsonDocument.Parse(await _http.GetStringAsync($"{_url}/api/v1/query?query={query}"));
        var result = json.RootElement.GetProperty("data").GetProperty("result");
        return result.GetArrayLength() == 0
            ? 0
            : (long)double.Parse(result[0].GetProperty("value")[1].GetString() ?? "0", provider: null);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
