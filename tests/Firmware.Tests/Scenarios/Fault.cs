namespace Firmware.Tests.Scenarios;

/// <summary>What a device has to bear.</summary>
internal enum Fault
{
    /// <summary>The connection is reset.</summary>
    LinkDropped,

    /// <summary>The gateway vanishes with a message that it has not stored.</summary>
    GatewayGoneBeforeStoring,

    /// <summary>The gateway vanishes with a message that it has stored.</summary>
    GatewayGoneBeforeAnswering,

    /// <summary>The gateway vanishes in the middle of its answer: half of a WebSocket's frame, or of a body.</summary>
    GatewayGoneWhileAnswering,

    /// <summary>The gateway refuses the device, until it does no longer.</summary>
    Refused,

    /// <summary>The device's radio is off, and what was open has ended.</summary>
    RadioOff,

    /// <summary>The device's radio carries nothing, and what is open seems to be.</summary>
    RadioMute,
    PowerCut,

    /// <summary>The power goes in the middle of a write to flash.</summary>
    PowerCutInWrite,
    Reboot,
    FlashFull,
    I2cNack,
    BootIn1970,
    BootAYearAhead,
    ClockIn1970,
    ClockAYearAhead,
    ClockSetBack,
}

/// <summary>
/// How often each was really inflicted: neither what makes things right again, nor what was only prepared and never came about.
/// </summary>
internal sealed class Suffered
{
    private readonly Lock _lock = new();
    private readonly int[] _times = new int[Enum.GetValues<Fault>().Length];

    public int Total
    {
        get
        {
            lock (_lock)
                return _times.Sum();
        }
    }

    public int this[Fault fault]
    {
        get
        {
            lock (_lock)
                return _times[(int)fault];
        }
    }

    public void Add(Fault fault)
    {
        lock (_lock)
            _times[(int)fault]++;
    }
}
