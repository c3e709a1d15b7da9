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

    /// <summary>The gateway may be far away, or busy with all these devices.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);

    private readonly string _flash = Directory.CreateTempSubdirectory("iotgw-simulate-").FullName;
    private readonly List<SimulatedDevice> _devices = [];
    private volatile string? _lastLog;
    private volatile string? _lastReason;

    /// <summary>Builds the devices; none is on yet.</summary>
    /// <param name="tokens">One for each device.</param>
    /// <param name="link">Where they connect.</param>
    /// <param name="caPem">The root they trust on wss.</param>
    /// <param name="rate">Rows a second of each device.</param>
    /// <param name="transport">Which way their messages go.</param>
    /// <param name="pollInterval">How often a device that polls asks; null for the firmware's own.</param>
    /// <remarks>Each has a new flash, and with it epochs that it did not use before.</remarks>
    public SimulatedFleet(
        IEnumerable<string> tokens,
        Uri link,
        string? caPem,
        double rate,
        VirtualTransport transport = VirtualTransport.Auto,
        TimeSpan? pollInterval = null
    )
    {
        foreach (var token in tokens)
        {
            var options = new VirtualDeviceOptions
            {
                Token = token,
                Gateway = link,
                CaPem = caPem,
                FlashDirectory = Path.Combine(_flash, $"{_devices.Count}"),
                SampleIntervalMs = (int)Math.Round(RowsPerSample * 1000 / rate),
                BatchInterval = TimeSpan.FromSeconds(10),
                DrainLimit = DrainLimit,
                Transport = transport,
                Seed = 10 * (_devices.Count + 1),
                Log = Remember,
            };
            _devices.Add(
                new SimulatedDevice(pollInterval is { } every ? options with { PollInterval = every } : options)
            );
        }
    }

    public FleetStatus Status => FleetStatus.Of(_devices.Select(device => device.Status));

    /// <summary>What a device said last on its console, or the last that has the gateway's own reason; null for nothing.</summary>
    public string? LastLog => _lastReason ?? _lastLog;

    public void Start()
    {
        foreach (var device in _devices)
            device.Start();
    }

    /// <summary>Every device seals its last rows, waits for their ACK while its link lasts, at most half a minute, and says BYE.</summary>
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
}
