using System.Collections.Concurrent;
using IoTGateway.VirtualDevice;

namespace EndToEnd.Tests;

/// <summary>A virtual device that streams quickly and remembers every row it sealed into a message.</summary>
internal sealed class Streamer : IAsyncDisposable
{
    private readonly ConcurrentQueue<VirtualRow> _rows = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly VirtualDevice _device;
    private readonly string _flash = Directory.CreateTempSubdirectory("iotgw-flash-").FullName;

    /// <param name="gateway">Where its rows are to go.</param>
    /// <param name="token">The device's.</param>
    /// <param name="seed">Of all that is random in it.</param>
    /// <param name="link">Where it connects, if not to the gateway itself.</param>
    public Streamer(GatewayProcess gateway, string token, int seed, Uri? link = null) =>
        _device = new VirtualDevice(
            new VirtualDeviceOptions
            {
                Token = token,
                Gateway = link ?? gateway.Link,
                CaPem = File.ReadAllText(gateway.CaPath),
                FlashDirectory = _flash,
                SampleIntervalMs = 100,
                RowsPerMessage = 3,
                BackoffBase = TimeSpan.FromMilliseconds(100),
                BackoffCap = TimeSpan.FromMilliseconds(500),
                WebSocketAgain = TimeSpan.FromSeconds(1),
                Seed = seed,
                Log = _log.Enqueue,
                OnRow = _rows.Enqueue,
            }
        );

    public VirtualDeviceStatus Status => _device.Status;

    /// <summary>Every row sealed into a message so far, in their order.</summary>
    public IReadOnlyList<VirtualRow> Rows => [.. _rows];

    public void Start() => _device.Start();

    public bool LedIsOn => _device.LedIsOn;

    /// <summary>Files of its flash with such a name.</summary>
    public string[] FlashFiles(string pattern) => Directory.GetFiles(_flash, pattern);

    public void CutPower() => _device.CutPower();

    /// <summary>The power goes in the middle of the next write to flash; ends when it is gone.</summary>
    public async Task LosePowerInNextWriteAsync(Func<Task> whatWrites)
    {
        _device.CutPowerInNextWrite();
        await whatWrites();
        await Eventually.HoldsAsync("the power is gone", () => Task.FromResult(!Status.Running));
        _device.CutPower();
    }

    /// <summary>Waits until its console has a line with these words.</summary>
    public Task UntilSaidAsync(string words) =>
        Eventually.HoldsAsync(
            $"the device says '{words}'; the last it said: {_log.LastOrDefault()}; fault: {Status.Fault}",
            () => Task.FromResult(_log.Any(line => line.Contains(words, StringComparison.Ordinal)))
        );

    /// <summary>Waits until the device was told of so many more rows that they are durable.</summary>
    public Task UntilAcknowledgedAsync(int rows)
    {
        var target = Status.RowsAcknowledged + rows;
        return Eventually.HoldsAsync(
            $"{target} rows are acknowledged; fault: {Status.Fault}",
            () => Task.FromResult(Status.RowsAcknowledged >= target)
        );
    }

    /// <summary>An orderly end: everything sampled is sent, and acknowledged.</summary>
    public async Task StopAsync()
    {
        await _device.StopAsync(TestContext.Current.CancellationToken);
        Assert.Null(Status.Fault);
        Assert.Equal(Status.RowsSampled, Status.RowsAcknowledged);
        Assert.Equal(0, Status.RowsDropped + Status.RowsRefused + Status.RowsLost);
    }

    /// <summary>Every value sent: (measurement_field, ms) to the value; true is 1.</summary>
    public Dictionary<(string Series, long UnixMs), double> Sent()
    {
        var values = new Dictionary<(string Series, long UnixMs), double>();
        foreach (var row in _rows)
        {
            foreach (var (series, value) in Values(row))
                values.Add(series, value);
        }
        return values;
    }

    /// <summary>The values of a row, as <see cref="Sent"/> has them.</summary>
    public static IEnumerable<((string Series, long UnixMs), double)> Values(VirtualRow row)
    {
        Assert.True(row.IsUnixTime);
        return row.Readings.Select(reading => (($"{row.Measurement}_{reading.Field}", row.TimeMs), ValueOf(reading)));
    }

    /// <summary>Nothing is missing, and nothing there that was never sent.</summary>
    public static void AssertSame(
        Dictionary<(string Series, long UnixMs), double> sent,
        Dictionary<(string Series, long UnixMs), double> stored,
        string where
    )
    {
        var missing = sent.Keys.Except(stored.Keys).ToArray();
        var surplus = stored.Keys.Except(sent.Keys).ToArray();
        Assert.True(
            missing.Length == 0,
            $"{where}: {missing.Length} of {sent.Count} values are missing: {string.Join(", ", missing.Take(5))}"
        );
        Assert.True(
            surplus.Length == 0,
            $"{where}: {surplus.Length} values were never sent: {string.Join(", ", surplus.Take(5))}"
        );
        foreach (var (key, value) in sent)
            Assert.Equal(value, stored[key]);
    }

    public async ValueTask DisposeAsync()
    {
        await _device.DisposeAsync();
        Directory.Delete(_flash, recursive: true);
    }

    private static double ValueOf(VirtualReading reading) =>
        reading.Type switch
        {
            VirtualFieldType.Float32 => reading.AsSingle,
            VirtualFieldType.Boolean => reading.AsBoolean ? 1 : 0,
            _ => (double)reading.AsDecimal,
        };
}
