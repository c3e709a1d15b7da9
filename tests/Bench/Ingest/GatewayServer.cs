using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace IoTGateway.Bench.Ingest;

/// <summary>The gateway as it is run: fsync, ACK, history, and the database where one is given.</summary>
internal sealed class GatewayServer : IngestServer
{
    public const string AdminKey = "the-key-of-the-bench";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-bench-").FullName;
    private readonly int _http = Ports.Free();
    private readonly int _https = Ports.Free();
    private readonly bool _tls;

    private GatewayServer(bool tls)
    {
        _tls = tls;
        Api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_http}") };
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    public override string Name => "iotgw";

    public override LinkTarget Target => new(_tls ? _https : _http, _tls, "/v1/link", "iotgw.v1");

    public HttpClient Api { get; }

    /// <summary>For devices that are no load.</summary>
    public Uri Link => new($"ws://127.0.0.1:{_http}/v1/link");

    public static async Task<GatewayServer> StartAsync(bool tls, LineStore? database, params string[] settings)
    {
        var server = new GatewayServer(tls);
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "iotgw.dll"),
            "serve",
            $"--Data:Path={server._folder}",
            $"--Listen:Https={server._https}",
            $"--Listen:Http={server._http}",
            "--Listen:Address=127.0.0.1",
            $"--Security:AdminKey={AdminKey}",
            "--Limits:MessagesPerSecondPerDevice=1000000",
            "--Limits:HandshakesPerSecondPerAddress=100000",
            "--Limits:HandshakesPerSecond=100000",
            "--Limits:HandshakesPerMinutePerDevice=100000",
            .. database?.GatewaySettings ?? [],
            .. settings,
        ];
        server.Processes.Add(await BenchProcess.StartAsync("dotnet", arguments, server.IsReadyAsync));
        return server;
    }

    public override async Task<string?> AddDeviceAsync(string device)
    {
        using var answer = await Api.PostAsJsonAsync("/api/devices", new { id = device });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString();
    }

    public override Uplink CreateUplink(string device, long startMs) => new IotgwUplink(startMs);

    public override Task CollectGarbageAsync() => Processes[0].CollectGarbageAsync();

    public override async Task<bool?> HasStoredAllAsync()
    {
        var page = await Api.GetStringAsync("/metrics");
        var lags = page.Split('\n').Where(line => line.StartsWith("iotgw_sink_lag_bytes{", StringComparison.Ordinal));
        return lags.All(line => line.EndsWith(" 0", StringComparison.Ordinal));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Api.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Api.GetAsync("/readyz");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
