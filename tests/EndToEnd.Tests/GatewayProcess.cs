using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary>
/// The gateway as its users run it: a process of its own on a data folder of its own, on the same ports after every
/// restart.
/// </summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    public const string AdminKey = "the-key-of-the-tests";

    private readonly string[] _settings;
    private readonly int _https = ServerProcess.FreePort();
    private readonly int _http = ServerProcess.FreePort();
    private ServerProcess? _process;

    private GatewayProcess(string folder, string[] settings)
    {
        Folder = folder;
        _settings = settings;
        Api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_http}") };
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    public static string Dll { get; } = Path.Combine(AppContext.BaseDirectory, "iotgw.dll");

    public string Folder { get; }

    public HttpClient Api { get; }

    public Uri Link => new($"wss://localhost:{_https}/v1/link");

    /// <summary>Without TLS, as programs on the gateway's own machine may connect.</summary>
    public Uri PlainLink => new($"ws://127.0.0.1:{_http}/v1/link");

    public int HttpsPort => _https;

    public int HttpPort => _http;

    public int ProcessId => _process!.Id; // started before

    /// <summary>What this run of it has printed, its log included.</summary>
    public string Output => _process!.Output; // started before

    public string CaPath => Path.Combine(Folder, "ca.pem");

    public static Task<GatewayProcess> StartAsync(params string[] settings) =>
        StartInAsync(Directory.CreateTempSubdirectory("iotgw-e2e-").FullName, settings);

    /// <summary>On a folder that is not there yet; it goes with the gateway.</summary>
    public static async Task<GatewayProcess> StartInAsync(string folder, params string[] settings)
    {
        var gateway = new GatewayProcess(folder, settings);
        try
        {
            await gateway.ResumeAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it (again).</summary>
    /// <param name="more">Settings of this run; they go before those of all runs.</param>
    public Task ResumeAsync(params string[] more) => ResumeAsync(new Uri($"http://127.0.0.1:{_http}/readyz"), more);

    /// <summary>Starts it again, and does not wait until it is ready: to kill it while it starts.</summary>
    public Task BeginAsync() => ResumeAsync(ready: null, []);

    private async Task ResumeAsync(Uri? ready, string[] more) =>
        _process = await ServerProcess.StartAsync(
            "dotnet",
            [
                Dll,
                "serve",
                $"--Data:Path={Folder}",
                $"--Listen:Https={_https}",
                $"--Listen:Http={_http}",
                "--Listen:Address=127.0.0.1",
                $"--Security:AdminKey={AdminKey}",
                .. _settings,
                .. more,
            ],
            ready
        );

    /// <summary>kill -9: nothing is flushed, nobody is told.</summary>
    public async Task KillAsync()
    {
        var killed = _process!; // started before
        // Should the next start fail, that is what shall be told.
        _process = null;
        await killed.DisposeAsync();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public Task EndedAsync() => _process!.EndedAsync(); // started before

    /// <summary>SIGTERM, as an operator or systemd stops it.</summary>
    public async Task StopAsync() => await _process!.TerminateAsync(); // started before

    public async Task<string> AddDeviceAsync(string id)
    {
        using var answer = await Api.PostAsJsonAsync("/api/devices", new { id });
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("token").GetString() ?? throw new InvalidOperationException(body.GetRawText());
    }

    public async Task<JsonElement> GetAsync(string path) => await Api.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Sum of the lines of <c>/metrics</c> that begin like this; 0 where there is none.</summary>
    /// <param name="series">Name, with all its labels or as far as they matter: <c>iotgw_x_total{reason="y"}</c>.</param>
    public async Task<double> CountAsync(string series) =>
        (await Api.GetStringAsync("/metrics"))
            .Split('\n')
            .Where(line => line.StartsWith(series, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    /// <summary>Waits until a sink has stored all that a device was told is durable.</summary>
    public Task UntilStoredAsync(string device, string sink) =>
        Eventually.HoldsAsync(
            $"'{sink}' stores the last message of '{device}'",
            async () =>
            {
                var marks = (await GetAsync($"/api/devices/{device}")).GetProperty("watermarks");
                return marks.GetProperty("stored").TryGetProperty(sink, out var stored)
                    && stored.GetRawText() == marks.GetProperty("acknowledged").GetRawText();
            }
        );

    /// <summary>Every value of a device in the history: (measurement_field, ms) to the value; true is 1.</summary>
    public async Task<Dictionary<(string Series, long UnixMs), double>> ReadHistoryAsync(string device)
    {
        var values = new Dictionary<(string Series, long UnixMs), double>();
        var catalog = (await GetAsync($"/api/devices/{device}")).GetProperty("catalog");
        foreach (var sensor in catalog.GetProperty("sensors").EnumerateArray())
        {
            var measurement = sensor.GetProperty("measurement").GetString()!; // by the API's contract
            foreach (var field in sensor.GetProperty("fields").EnumerateArray())
                await ReadHistoryAsync(device, measurement, field.GetProperty("name").GetString()!, values); // likewise
        }
        return values;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Api.Dispose();
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Every time and value of a field, in the API's order.</summary>
    public async Task<IReadOnlyList<(long UnixMs, double Value)>> ReadFieldAsync(
        string device,
        string measurement,
        string field
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"/api/devices/{device}/readings?measurement={measurement}&field={field}&from=0"
        );
        request.Headers.Accept.ParseAdd("text/csv");
        using var answer = await Api.SendAsync(request);
        var csv = await answer.Content.ReadAsStringAsync();
        // A device that has sent its catalog and no row yet.
        if (answer.StatusCode == HttpStatusCode.NotFound && csv.Contains("nothing yet", StringComparison.Ordinal))
            return [];
        Assert.True(answer.IsSuccessStatusCode, csv);
        return
        [
            .. csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Select(line => line.Split(','))
                .Select(parts => (long.Parse(parts[0]), double.Parse(parts[1]))),
        ];
    }

    private async Task ReadHistoryAsync(
        string device,
        string measurement,
        string field,
        Dictionary<(string Series, long UnixMs), double> values
    )
    {
        // Add, not the indexer: a row that is there twice fails here.
        foreach (var (unixMs, value) in await ReadFieldAsync(device, measurement, field))
            values.Add(($"{measurement}_{field}", unixMs), value);
    }
}
