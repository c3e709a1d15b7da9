using IoTGateway.Device.Boards;
using IoTGateway.VirtualDevice.StandIns;

namespace IoTGateway.VirtualDevice;

/// <summary>One device's clocks on the process's TimeProvider. Every wait ends when the power goes.</summary>
internal sealed class VirtualClock : IClock
{
    private const long NotSet = long.MinValue;

    private static readonly long Earliest = new DateTimeOffset(
        2026,
        1,
        1,
        0,
        0,
        0,
        TimeSpan.Zero
    ).ToUnixTimeMilliseconds();

    private readonly Machine _machine;
    private readonly long _boot;
    private readonly WaitHandle _powerOff;
    private long _unixMsAtBoot;

    // A list of two costs garbage at each wait, and the device's thread waits for one signal all its life.
    private WaitHandle[] _waitedFor = [];

    /// <param name="machine">Whose time it is.</param>
    /// <param name="off">How far off it comes up; null: in 1970.</param>
    public VirtualClock(Machine machine, TimeSpan? off)
    {
        _machine = machine;
        _boot = machine.Time.GetTimestamp();
        _powerOff = machine.PowerOff.WaitHandle;
        _unixMsAtBoot = off is { } by ? (machine.Time.GetUtcNow() + by).ToUnixTimeMilliseconds() : NotSet;
    }

    // As on a board: a wall clock before this project began was never set.
    public bool IsSet =>
        Interlocked.Read(ref _unixMsAtBoot) is var set && set != NotSet && set + SinceBootMs() > Earliest;

    public long SinceBootMs() => (long)_machine.Time.GetElapsedTime(_boot).TotalMilliseconds;

    public long UnixMs() => Interlocked.Read(ref _unixMsAtBoot) + SinceBootMs();

    public void Set(long unixMs) => Interlocked.Exchange(ref _unixMsAtBoot, unixMs - SinceBootMs());

    public void Shift(long byMs)
    {
        if (Interlocked.Read(ref _unixMsAtBoot) != NotSet)
            Interlocked.Add(ref _unixMsAtBoot, byMs);
    }

    public void Wait(AutoResetEvent signal, int milliseconds)
    {
        const int PowerIsOff = 1;
        var waitedFor = _waitedFor;
        if (waitedFor.Length == 0 || waitedFor[0] != signal)
            _waitedFor = waitedFor = [signal, _powerOff];
        if (WaitHandle.WaitAny(waitedFor, milliseconds) == PowerIsOff || _machine.PowerOff.IsCancellationRequested)
            throw new PowerOffException();
    }

    public void Rest(int milliseconds)
    {
        if (_powerOff.WaitOne(milliseconds))
            throw new PowerOffException();
    }
}

/// <summary>Unwinds the device's thread: a processor without power runs no further.</summary>
internal sealed class PowerOffException() : Exception("the power went");
