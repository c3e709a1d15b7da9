using IoTGateway.Device.Boards;
using IoTGateway.Device.Link;

namespace IoTGateway.VirtualDevice;

/// <summary>What one virtual device is, and which world it lives in.</summary>
public sealed record VirtualDeviceOptions
{
    /// <summary>&lt;deviceId&gt;.&lt;secret&gt;</summary>
    public required string Token { get; init; }

    /// <summary>wss://host:port/v1/link, or ws://</summary>
    public required Uri Gateway { get; init; }

    /// <summary>The one root, in PEM, that may sign the gateway's certificate. Needed on wss.</summary>
    public string? CaPem { get; init; }

    /// <summary>The device's flash, drive I:. It outlives power cuts; one folder per device.</summary>
    public required string FlashDirectory { get; init; }

    /// <summary>
    /// No boot has an epoch below this, as on a board after provisioning; null: <see cref="EpochOf"/> of now. A device whose
    /// flash is new so has epochs of its own.
    /// </summary>
    public uint? FirstEpoch { get; init; }

    /// <summary>100 to 3,600,000.</summary>
    public int SampleIntervalMs { get; init; } = 1000;

    /// <summary>1 to 1,000 rows of each sensor.</summary>
    public int RowsPerMessage { get; init; } = 10;

    /// <summary>A batch that is not full is sealed after this time.</summary>
    public TimeSpan BatchInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The device's RAM for messages without ACK.</summary>
    public int OutboxBytes { get; init; } = 12 * 1024;

    /// <summary>What waits for its ACK that long is written to flash.</summary>
    public TimeSpan SpillAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Which way its messages go.</summary>
    public VirtualTransport Transport { get; init; }

    /// <summary>By polling: how often commands are asked for while there is nothing to send; a second to an hour.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A device that goes by long polling because something breaks WebSockets tries one again so soon at first.</summary>
    public TimeSpan WebSocketAgain { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan BackoffCap { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Without an ACK for that long the device gives the link up.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the last rows may take to be acknowledged in an orderly end.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>False: the device boots in 1970, as a board before SNTP does.</summary>
    public bool ClockIsSetAtBoot { get; init; } = true;

    /// <summary>Whether a device without a clock takes WELCOME's.</summary>
    public bool TakesTimeFromGateway { get; init; } = true;

    /// <summary>Whether it says how strong its Wi-Fi is: one sensor more.</summary>
    public bool HasSignal { get; init; }

    /// <summary>Everything random: the sensors' walks and the backoff's jitter.</summary>
    public int Seed { get; init; }

    /// <summary>The device's console, from any of its threads.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Every row, once it is sealed into a message; on the device's thread.</summary>
    public Action<VirtualRow>? OnRow { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal Action<LinkTimings>? Tune { get; init; }

    /// <summary>Whether its WebSocket client has the original's defect of not telling that a stream has ended.</summary>
    internal bool SpinsAtEndOfStream { get; init; }

    internal Action<DeviceSettings>? Configure { get; init; }

    /// <summary>
    /// The first epoch for a flash that begins at this moment: seconds since 2020, above every count of boots that began
    /// earlier, for no board boots once a second.
    /// </summary>
    public static uint EpochOf(DateTimeOffset moment) =>
        (uint)Math.Max(1, (moment - new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds);

    internal static VirtualDeviceOptions Validated(VirtualDeviceOptions options)
    {
        var (interval, rows) = (options.SampleIntervalMs, options.RowsPerMessage);
        const int Shortest = DeviceSettings.MinSampleIntervalMs;
        const int Longest = DeviceSettings.MaxSampleIntervalMs;
        const int MostRows = DeviceSettings.MaxRowsPerMessage;
        if (interval is < Shortest or > Longest)
            throw new ArgumentException(
                $"SampleIntervalMs is {interval}; allowed are {Shortest} to {Longest}",
                nameof(options)
            );
        if (rows is < 1 or > MostRows)
            throw new ArgumentException($"RowsPerMessage is {rows}; allowed are 1 to {MostRows}", nameof(options));
        var poll = options.PollInterval.TotalMilliseconds;
        if (poll is < DeviceSettings.MinPollIntervalMs or > DeviceSettings.MaxPollIntervalMs)
            throw new ArgumentException(
                $"PollInterval is {options.PollInterval}; allowed are a second to an hour",
                nameof(options)
            );
        if (options.Gateway.Scheme is not ("ws" or "wss"))
            throw new ArgumentException(
                $"Gateway is {options.Gateway}; it begins with ws:// or wss://",
                nameof(options)
            );
        return options with { FirstEpoch = options.FirstEpoch ?? EpochOf(options.Time.GetUtcNow()) };
    }
}
