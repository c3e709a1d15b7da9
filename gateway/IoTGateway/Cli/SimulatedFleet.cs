using System.Buffers.Binary;
using IoTGateway.Protocol;
using IoTGateway.VirtualDevice;
using SimulatedDevice = IoTGateway.VirtualDevice.VirtualDevice;

namespace IoTGateway.Cli;

/// <summary>Many virtual devices of this process against one gateway.</summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    /// <summary>A sample of the virtual board is a row of each of its three sensors.</summary>
    private const double RowsPerSample = 3;

    private const int MostMilliseconds = 3_600_000;
    private const int LeastMilliseconds = 100;

    /// <summary>Rows a second of one device: an hour to a tenth of a second between samples.</summary>
    public const double LeastRate = RowsPerSample * 1000 / MostMilliseconds;

    public const double MostRate = RowsPerSample * 1000 / LeastMilliseconds;

    private readonly string _flash = Directory.CreateTempSubdirectory("iotgw-simulate-").FullName;
    private readonly List<SimulatedDevice> _devices = [];
    private volatile string? _lastLog;
    private volatile string? _lastReason;

    /// <summary>Builds the devices; none is on yet.</summary>
    /// <param name="tokens">One for each device.</param>
    /// <param name="link">Where they connect.</param>
    /// <param name="caPem">The root they trust on wss.</param>
    /// <param name="rate">Rows a second of each device.</param>
    /// <param name="bootCount">The count of boots that each device's flash holds: above all that it used before.</param>
    public SimulatedFleet(IEnumerable<string> tokens, Uri link, string? caPem, double rate, uint bootCount)
    {
        foreach (var token in tokens)
            _devices.Add(
                new SimulatedDevice(
                    new VirtualDeviceOptions
                    {
                        Token = token,
                        Gateway = link,
                        CaPem = caPem,
                        FlashDirectory = Flash(_devices.Count, bootCount),
                        SampleIntervalMs = (int)Math.Round(RowsPerSample * 1000 / rate),
                        BatchInterval = TimeSpan.FromSeconds(10),
                        Seed = 10 * (_devices.Count + 1),
                        Log = Remember,
                    }
                )
            );
    }

    public FleetStatus Status => FleetStatus.Of(_devices.Select(device => device.Status));

    /// <summary>What a device said last on its console, or the last that has the gateway's own reason; null for nothing.</summary>
    public string? LastLog => _lastReason ?? _lastLog;

    public void Start()
    {
        foreach (var device in _devices)
            device.Start();
    }

    /// <summary>Every device seals its last rows, waits for their ACK for a few seconds, and says BYE.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_devices.Select(device => device.StopAsync(cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices)
            await device.DisposeAsync();
        Directory.Delete(_flash, recursive: true);
    }

    /// <summary>The gateway is asked for its reason only now and then; it says more than the lines between.</summary>
    private void Remember(string line)
    {
        if (line.Contains("the doctor says", StringComparison.Ordinal))
            _lastReason = line;
        _lastLog = line;
    }

    /// <summary>A flash that has counted its boots. Without it a device that ran before would start again at 1.</summary>
    private string Flash(int device, uint bootCount)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_flash, $"{device}")).FullName;
        Span<byte> record = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(record, bootCount);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Crc32.Of(record[..4]));
        File.WriteAllBytes(Path.Combine(folder, "epoch"), record);
        return folder;
    }
}
