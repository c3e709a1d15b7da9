using IoTGateway.Device.Boards;
using IoTGateway.VirtualDevice.StandIns;

namespace IoTGateway.VirtualDevice;

/// <summary>What exists from power-on to power-off.</summary>
internal sealed record Boot(Machine Machine, VirtualClock Clock, Application Application)
{
    // The cure for the finalizer that closes the next socket rests for the board's sake; here it need not.
    private const int ShortRestMs = 5;

    public static Boot Up(
        VirtualDeviceOptions options,
        SimulatedRoom room,
        Flash flash,
        Radio radio,
        byte resetReason,
        TimeSpan? clockAtBoot
    )
    {
        Directory.CreateDirectory(options.FlashDirectory);
        var machine = new Machine(options.FlashDirectory, options.Time, flash)
        {
            Wiring = room.Wiring,
            Radio = radio,
            SpinsAtEndOfStream = options.SpinsAtEndOfStream,
        };
        Machine.Current = machine;
        var clock = new VirtualClock(machine, clockAtBoot);
        var board = new VirtualBoard(options, room, clock, resetReason, options.Seed + 2);
        return new Boot(machine, clock, new Application(board, Settings(options)));
    }

    private static DeviceSettings Settings(VirtualDeviceOptions options)
    {
        var settings = new DeviceSettings
        {
            Gateway = options.Gateway.AbsoluteUri,
            Token = options.Token,
            CaPem = options.CaPem,
            FirstEpoch = options.FirstEpoch ?? 1,
            SampleIntervalMs = options.SampleIntervalMs,
            RowsPerMessage = options.RowsPerMessage,
            BatchIntervalMs = (int)options.BatchInterval.TotalMilliseconds,
            OutboxBytes = options.OutboxBytes,
            SpillAfterMs = (int)options.SpillAfter.TotalMilliseconds,
            TakesTimeFromGateway = options.TakesTimeFromGateway,
            Transport = (byte)options.Transport,
            ProvenTransport = (byte)options.Transport,
            PollIntervalMs = (int)options.PollInterval.TotalMilliseconds,
        };
        settings.Timings.BackoffBaseMs = (int)options.BackoffBase.TotalMilliseconds;
        settings.Timings.BackoffCapMs = (int)options.BackoffCap.TotalMilliseconds;
        settings.Timings.WebSocketAgainMs = (int)options.WebSocketAgain.TotalMilliseconds;
        settings.Timings.StallMs = (int)options.StallTimeout.TotalMilliseconds;
        settings.Timings.DrainMs = (int)options.DrainLimit.TotalMilliseconds;
        settings.Timings.RestBeforeCollectMs = ShortRestMs;
        settings.Timings.RestAfterCollectMs = ShortRestMs;
        options.Tune?.Invoke(settings.Timings);
        options.Configure?.Invoke(settings);
        return settings;
    }
}
