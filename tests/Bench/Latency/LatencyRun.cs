using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Latency;

/// <summary>A gateway under a steady load, and everybody who waits for what comes of it.</summary>
internal sealed class LatencyRun(GatewayServer server, LineSink database, int devices) : IAsyncDisposable
{
    /// <summary>Devices whose live feed is read.</summary>
    public const int Watched = 4;

    private const string Commanded = "obedient";
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Flood = TimeSpan.FromSeconds(8);

    private readonly byte[][] _starts =
    [
        .. Enumerable.Range(0, Watched).Select(device => Encoding.ASCII.GetBytes($"room,device={Device(device)} ")),
    ];

    private readonly Latencies _acks = new();
    private readonly Latencies _live = new();
    private readonly Latencies _influx = new();
    private readonly Latencies _commands = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly List<LoadLink> _links = [];
    private readonly List<Task> _watching = [];
    private LinkReader? _reader;
    private ObedientDevice? _obedient;
    private long _startMs;

    public async Task ConnectAsync()
    {
        _startMs = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        for (var i = 0; i < devices; i++)
        {
            var token = await server.AddDeviceAsync(Device(i));
            var uplink = server.CreateUplink(Device(i), _startMs);
            var link = await LoadLink.OpenAsync(server.Target, token, uplink, reading: LinkReading.ByOne);
            link.Receipts = _acks;
            _links.Add(link);
        }
        _reader = new LinkReader(_links);
        for (var i = 0; i < Watched; i++)
            _watching.Add(WatchAsync(i, _ending.Token));
        database.Taken = TakeLines;
        var secret = await server.AddDeviceAsync(Commanded) ?? throw new InvalidOperationException("No token.");
        _obedient = await ObedientDevice.StartAsync(server.Link, secret);
    }

    /// <summary>Messages a second acknowledged, by as many as the gateway takes.</summary>
    public async Task<int> FindSaturationAsync()
    {
        await Load.FloodAsync(_links, database, Settling);
        var before = _links.Sum(link => (long)link.Acknowledged);
        var clock = Stopwatch.StartNew();
        await Load.FloodAsync(_links, database, Flood);
        var rate = (int)((_links.Sum(link => (long)link.Acknowledged) - before) / clock.Elapsed.TotalSeconds);
        while (!(await server.HasStoredAllAsync() ?? true))
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
        return rate;
    }

    /// <summary>Load and commands, for the compiler.</summary>
    public async Task WarmUpAsync(int rate, TimeSpan time)
    {
        using var enough = new CancellationTokenSource();
        var commanding = CommandAsync(enough.Token);
        await Load.PaceAsync(_links, rate, time);
        await enough.CancelAsync();
        await commanding;
    }

    public async Task<WayLatency[]> MeasureAsync(int percent, int rate, TimeSpan duration)
    {
        using var enough = new CancellationTokenSource();
        var commanding = CommandAsync(enough.Token);
        await Load.PaceAsync(_links, rate, Settling);
        foreach (var latencies in new[] { _acks, _live, _influx, _commands })
            latencies.Clear();
        var sent = _links.Sum(link => (long)link.Sent);
        var clock = Stopwatch.StartNew();
        await Load.PaceAsync(_links, rate, duration);
        var perSecond = (_links.Sum(link => (long)link.Sent) - sent) / clock.Elapsed.TotalSeconds;
        await enough.CancelAsync();
        await commanding;
        return
        [
            new(percent, "ACK", perSecond, _acks.ToQuantiles()),
            new(percent, "live feed", perSecond, _live.ToQuantiles()),
            new(percent, "InfluxDB", perSecond, _influx.ToQuantiles()),
            new(percent, "command", perSecond, _commands.ToQuantiles()),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        database.Taken = null;
        await _ending.CancelAsync();
        await Task.WhenAll(_watching);
        _reader?.Dispose();
        foreach (var link in _links)
            await link.DisposeAsync();
        if (_obedient is not null)
            await _obedient.DisposeAsync();
        _ending.Dispose();
    }

    private static string Device(int number) => $"bench-{number:D5}";

    /// <summary>A message is there with its first row.</summary>
    private void Arrived(int device, long rowMs, Latencies latencies)
    {
        var since = rowMs - _startMs;
        if (since % (Payload.RowsPerMessage * Payload.RowIntervalMs) == 0)
            latencies.Add(_links[device].SentAt((uint)(since / (Payload.RowsPerMessage * Payload.RowIntervalMs))));
    }

    private async Task WatchAsync(int device, CancellationToken ending)
    {
        try
        {
            await using var stream = await server.Api.GetStreamAsync($"/api/live?device={Device(device)}", ending);
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(ending) is { } line)
            {
                if (!line.StartsWith("data:", StringComparison.Ordinal))
                    continue;
                using var row = JsonDocument.Parse(line.AsMemory(5));
                Arrived(device, row.RootElement.GetProperty("time").GetInt64(), _live);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The measurement is over.
        }
    }

    private void TakeLines(ReadOnlySpan<byte> lines)
    {
        foreach (var range in lines.Split((byte)'\n'))
        {
            var line = lines[range];
            for (var device = 0; device < Watched; device++)
            {
                if (line.StartsWith(_starts[device]))
                    Arrived(device, Time(line), _influx);
            }
        }
    }

    private static long Time(ReadOnlySpan<byte> line) =>
        long.Parse(line[(line.LastIndexOf((byte)' ') + 1)..], CultureInfo.InvariantCulture);

    private async Task CommandAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var since = Stopwatch.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/devices/{Commanded}/commands");
            request.Content = JsonContent.Create(new { name = "echo", arguments = new { since } });
            request.Headers.Add("Prefer", "wait=20");
            using var response = await server.Api.SendAsync(request, CancellationToken.None);
            var report = await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None);
            if (!report.TryGetProperty("status", out var status) || !status.ValueEquals("succeeded"))
                throw new InvalidOperationException($"A command did not succeed: {report}");
            _commands.Add(since);
        }
    }
}
