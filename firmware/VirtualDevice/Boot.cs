using IoTGateway.Device.Boards;
using IoTGateway.VirtualDevice.StandIns;

namespace IoTGateway.VirtualDevice;

/// <summary>What exists from power-on to power-off.</summary>
internal sealed record Boot(Machine Machine, VirtualClock Clock, Application Application)
{
    // The cure for the finalizer that closes the next socket rests for the board's sake; here it need not.
    private const int ShortRestMs = 5;

    public static Boot Up(VirtualDeviceOptions options, SimulatedRoom room, Flash flash, byte resetReason)
    {
        Directory.CreateDirectory(options.FlashDirectory);
        var machine = new Machine(options.FlashDirectory, options.Time, flash) { Wiring = room.Wiring };
        Machine.Current = machine;
        var clock = new VirtualClock(machine, options.ClockIsSetAtBoot);
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
            SampleIntervalMs = options.SampleIntervalMs,
            RowsPerMessage = options.RowsPerMessage,
            BatchIntervalMs = (int)options.BatchInterval.TotalMilliseconds,
            OutboxBytes = options.OutboxBytes,
            SpillAfterMs = (int)options.SpillAfter.TotalMilliseconds,
            TakesTimeFromGateway = options.TakesTimeFromGateway,
        };
        settings.Timings.BackoffBaseMs = (int)options.BackoffBase.TotalMilliseconds;
        settings.Timings.BackoffCapMs = (int)options.BackoffCap.TotalMilliseconds;
        settings.Timings.StallMs = (int)options.StallTimeout.TotalMilliseconds;
        settings.Timings.RestBeforeCollectMs = ShortRestMs;
        settings.Timings.RestAfterCollectMs = ShortRestMs;
        options.Tune?.Invoke(settings.Timings);
        options.Configure?.Invoke(settings);
        return settings;
    }
}
