using System.Diagnostics;
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
    private const string AdminKey = "the-key-of-the-tests";

    private readonly string[] _settings;
    private readonly int _https = ServerProcess.FreePort();
    private readonly int _http = ServerProcess.FreePort();
    private ServerProcess? _process;

    private GatewayProcess(string[] settings)
    {
        _settings = settings;
        Api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_http}") };
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    public static string Dll { get; } = Path.Combine(AppContext.BaseDirectory, "iotgw.dll");

    public string Folder { get; } = Directory.CreateTempSubdirectory("iotgw-e2e-").FullName;

    public HttpClient Api { get; }

    public Uri Link => new($"wss://localhost:{_https}/v1/link");

    public string CaPath => Path.Combine(Folder, "ca.pem");

    public static async Task<GatewayProcess> StartAsync(params string[] settings)
    {
        var gateway = new GatewayProcess(settings);
        await gateway.ResumeAsync();
        return gateway;
    }

    /// <summary>Starts it (again).</summary>
    public async Task ResumeAsync() =>
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
            ],
            new Uri($"http://127.0.0.1:{_http}/readyz")
        );

    /// <summary>kill -9: nothing is flushed, nobody is told.</summary>
    public async Task KillAsync() => await _process!.DisposeAsync(); // started before

    /// <summary>SIGTERM, as an operator or systemd stops it.</summary>
    public async Task StopAsync() => await _process!.TerminateAsync(); // started before

    public async Task<string> AddDeviceAsync(string id)
    {
        using var answer = await Api.PostAsJsonAsync("/api/devices", new { id });
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("token").GetString() ?? throw new InvalidOperationException(body.GetRawText());
    }

    public async Task<JsonElement> GetAsync(string path) => await Api.GetFromJsonAsync<JsonElement>(path);

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
        Directory.Delete(Folder, recursive: true);
    }

    private async Task ReadHistoryAsync(
        string device,
        string measurement,
        string field,
        Dictionary<(string Series, long UnixMs), double> values
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"/api/devices/{device}/readings?measurement={measurement}&field={field}&from=0"
        );
        request.Headers.Accept.ParseAdd("text/csv");
        using var answer = await Api.SendAsync(request);
        var csv = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, csv);
        foreach (var line in csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var comma = line.IndexOf(',');
            // Add, not the indexer: a row that is there twice fails here.
            values.Add(($"{measurement}_{field}", long.Parse(line[..comma])), double.Parse(line[(comma + 1)..]));
        }
    }
}
