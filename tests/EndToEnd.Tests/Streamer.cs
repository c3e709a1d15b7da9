using System.Collections.Concurrent;
using IoTGateway.VirtualDevice;

namespace EndToEnd.Tests;

/// <summary>A virtual device that streams quickly and remembers every row it sealed into a message.</summary>
internal sealed class Streamer : IAsyncDisposable
{
    private readonly ConcurrentQueue<VirtualRow> _rows = new();
    private readonly VirtualDevice _device;
    private readonly string _flash = Directory.CreateTempSubdirectory("iotgw-flash-").FullName;

    public Streamer(GatewayProcess gateway, string token, int seed) =>
        _device = new VirtualDevice(
            new VirtualDeviceOptions
            {
                Token = token,
                Gateway = gateway.Link,
                CaPem = File.ReadAllText(gateway.CaPath),
                FlashDirectory = _flash,
                SampleIntervalMs = 100,
                RowsPerMessage = 3,
                BackoffBase = TimeSpan.FromMilliseconds(100),
                BackoffCap = TimeSpan.FromMilliseconds(500),
                Seed = seed,
                OnRow = _rows.Enqueue,
            }
        );

    public VirtualDeviceStatus Status => _device.Status;

    public void Start() => _device.Start();

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
            Assert.True(row.IsUnixTime);
            foreach (var reading in row.Readings)
                values.Add(($"{row.Measurement}_{reading.Field}", row.TimeMs), ValueOf(reading));
        }
        return values;
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
