using IoTGateway.Device.Boards;
using IoTGateway.VirtualDevice.StandIns;
using nanoFramework.Runtime.Native;

namespace IoTGateway.VirtualDevice;

/// <summary>
/// A device that runs the firmware's own source in this process, one thread each. Its flash outlives a power cut, its RAM
/// does not.
/// </summary>
#pragma warning disable MA0049 // The room and its one door share their name.
public sealed class VirtualDevice(VirtualDeviceOptions options) : IAsyncDisposable
#pragma warning restore MA0049
{
    // The firmware recurses nowhere; a board gives it a few kilobytes.
    private const int StackBytes = 256 * 1024;

    private readonly VirtualDeviceOptions _options = VirtualDeviceOptions.Validated(options);
    private readonly SimulatedRoom _room = new(options.Seed);
    private readonly Flash _flash = new(options.FlashDirectory);
    private readonly Radio _radio = new();
    private readonly Lock _lock = new();
    private readonly Tally _earlierBoots = new();
    private Boot? _boot;
    private Thread? _thread;
    private TaskCompletionSource _stopped = new();
    private readonly Dictionary<uint, long> _unixMsAtBoot = [];
    private TimeSpan? _clockAtBoot = options.ClockIsSetAtBoot ? TimeSpan.Zero : null;
    private uint _epoch;
    private string? _fault;
    private bool _ending;

    /// <summary>A snapshot; safe from any thread.</summary>
    public VirtualDeviceStatus Status
    {
        get
        {
            lock (_lock)
                return _earlierBoots.With(_boot, _epoch, _fault);
        }
    }

    /// <summary>Powers the device on: a boot, with the next epoch. Not while it runs.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_thread is not null)
                throw new InvalidOperationException("the device runs already: stop it, or cut its power, first");

            (_fault, _ending) = (null, false);
            _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _boot = BootUp(ResetReason.PowerOn);
            _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = _options.Token.Split('.')[0] };
            _thread.Start();
        }
    }

    /// <summary>
    /// An orderly end: the last rows are sealed and have <see cref="VirtualDeviceOptions.DrainLimit"/> to be acknowledged,
    /// then BYE. Cancelled, it becomes a power cut.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task stopped;
        lock (_lock)
        {
            if (_thread is null)
                return;

            _ending = true;
            _boot?.Application.Stop();
            stopped = _stopped.Task;
        }

        await using (cancellationToken.Register(CutPower))
            await stopped;
    }

    /// <summary>Abrupt: the socket is reset, RAM is lost, the flash folder stays. Returns when the firmware stands still.</summary>
    public void CutPower()
    {
        Thread? thread;
        lock (_lock)
        {
            _ending = true;
            _boot?.Machine.CutPower();
            thread = _thread;
        }

        if (thread != Thread.CurrentThread)
            thread?.Join();
    }

    /// <summary>
    /// The power goes in the middle of the next write to flash, and half of the file is there. <see cref="CutPower"/> then
    /// returns when the firmware stands still.
    /// </summary>
    public void CutPowerInNextWrite()
    {
        lock (_lock)
        {
            if (_boot is { } boot)
                _flash.CutPowerInNextWrite(boot.Machine.CutPower);
        }
    }

    /// <summary>How much the flash holds in all; writes beyond it fail. 256 KiB, as on a board, until it is set.</summary>
    public void LimitFlash(long bytes) => _flash.Capacity = bytes;

    /// <summary>
    /// The radio is lost until it is found. What is open ends, or, where it is <paramref name="mute"/>, stays and carries
    /// nothing meanwhile; no connect succeeds.
    /// </summary>
    public void LoseRadio(bool mute) => _radio.Switch(mute ? RadioState.Mute : RadioState.Off);

    public void FindRadio() => _radio.Switch(RadioState.On);

    /// <summary>The wall clock goes wrong, or right: SNTP answers nonsense, a battery is empty, a person sets it.</summary>
    /// <returns>False where there is no clock that is set.</returns>
    public bool ShiftClock(TimeSpan by)
    {
        lock (_lock)
        {
            var isSet = _boot?.Clock.IsSet == true;
            _boot?.Clock.Shift((long)by.TotalMilliseconds);
            return isSet;
        }
    }

    /// <summary>The wall clock is at the beginning of 1970, as after a reset of the clock alone.</summary>
    /// <returns>False where there is no clock that is set.</returns>
    public bool LoseClock()
    {
        lock (_lock)
        {
            var isSet = _boot?.Clock.IsSet == true;
            _boot?.Clock.Set(0);
            return isSet;
        }
    }

    /// <summary>The wall clock becomes known, as when SNTP answers.</summary>
    public void SetClock()
    {
        lock (_lock)
            _boot?.Clock.Set(_options.Time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    /// <summary>How far off the wall clock is when the next boots come up; null: they come up in 1970.</summary>
    public void SetClockAtBoot(TimeSpan? off)
    {
        lock (_lock)
            _clockAtBoot = off;
    }

    /// <summary>The next transfers on the I2C bus are not acknowledged, as with a loose wire.</summary>
    public void DisturbI2c(int transfers) => _room.Wiring.I2c.NackAfter(0, transfers);

    /// <summary>What turns a boot's times since boot into Unix time, as its firmware did; of boots that are over, where known.</summary>
    internal IReadOnlyDictionary<uint, long> UnixMsAtBoot
    {
        get
        {
            lock (_lock)
                return new Dictionary<uint, long>(_unixMsAtBoot);
        }
    }

    /// <summary>Whether the board's LED is lit.</summary>
    public bool LedIsOn
    {
        get
        {
            lock (_lock)
                return _boot is not null && _boot.Machine.Pins[VirtualBoard.LedPin];
        }
    }

    public async ValueTask DisposeAsync()
    {
        CutPower();
        await _stopped.Task;
    }

    private void Run()
    {
        var boot = _boot;
        while (boot is not null)
            boot = RunOnce(boot);
    }

    /// <summary>One boot to its end. The next one after a reboot, null after a stop or a power cut.</summary>
    private Boot? RunOnce(Boot boot)
    {
        var reboots = false;
        string? fault = null;
        try
        {
            Machine.Current = boot.Machine;
            boot.Application.Run();
        }
        catch (RebootException)
        {
            reboots = !boot.Machine.PowerOff.IsCancellationRequested;
        }
        catch (PowerOffException)
        {
            // What CutPower asked for.
        }
        catch (Exception e)
        {
            // On a board this thread would end in silence; here a test must be able to see it.
            fault = e.ToString();
            _options.Log?.Invoke("firmware stopped: " + fault);
        }

        boot.Machine.CutPower();
        // What was to happen to this boot and did not.
        _flash.CutPowerInNextWrite(null);
        return End(boot, reboots, fault);
    }

    private Boot? End(Boot boot, bool reboots, string? fault)
    {
        // What was sampled and had no message yet: whoever counts rows must hear of these too.
        boot.Application.TellUnsealed();
        lock (_lock)
        {
            _unixMsAtBoot[boot.Application.Epoch] = boot.Application.UnixMsAtBoot;
            _earlierBoots.Add(boot.Application.Counters, boot.Application.GapRowsInRam);
            // Who asked for the end while this boot was on its way to the next must not wait for that one.
            _boot = reboots && !_ending ? BootUp(ResetReason.Software) : null;
            _fault = fault;
            if (_boot is not null)
                return _boot;

            _thread = null;
        }

        _ = ReportStoppedAsync(boot.Machine, _stopped);
        return null;
    }

    private static async Task ReportStoppedAsync(Machine machine, TaskCompletionSource stopped)
    {
        await machine.LoopsEndedAsync();
        stopped.SetResult();
    }

    private Boot BootUp(byte resetReason)
    {
        Boot? boot = null;
        // The machine is ambient for the firmware's constructors, and must not stay so for our caller.
        ExecutionContext.Run(
            ExecutionContext.Capture()
                ?? throw new InvalidOperationException("VirtualDevice needs its ExecutionContext"),
            _ => boot = Boot.Up(_options, _room, _flash, _radio, resetReason, _clockAtBoot),
            null
        );
        _epoch = boot!.Application.Epoch; // assigned by the callback, which ran
        return boot;
    }
}
