using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Scenarios;

internal sealed partial class Subject
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);
    private static readonly Fault[] Faults = Enum.GetValues<Fault>();

    private Fault _fault;
    private bool _cutsInWrite;
    private bool _flashIsFull;
    private bool _isRefused;
    private bool _isOffTheAir;

    /// <summary>What is wrong is made right again by and by; then the next fault that can be done now.</summary>
    private async Task OnceAsync()
    {
        await EaseAsync();
        do _fault = Faults[_random.Next(Faults.Length)];
        while (!await TryInflictAsync(_fault));
    }

    /// <summary>None of this counts as a fault.</summary>
    private async Task EaseAsync()
    {
        if (_isRefused && OneIn(3))
            _gateway.Refuse(_name, _isRefused = false);
        if (_isOffTheAir && OneIn(3))
        {
            Device.FindRadio();
            _isOffTheAir = false;
        }

        if (_flashIsFull && OneIn(6))
        {
            Device.LimitFlash(RoomyFlash);
            _flashIsFull = false;
        }

        if (OneIn(12))
            Device.SetClock();
        if (OneIn(12))
            Device.SetClockAtBoot(TimeSpan.Zero);
        if (OneIn(16) && Device.Status.Running)
        {
            await Device.StopAsync(CancellationToken.None);
            Start();
        }
    }

    private bool OneIn(int times) => _random.Next(times) == 0;

    /// <summary>False where it cannot be done now. What is only prepared is counted when it happens.</summary>
    private async Task<bool> TryInflictAsync(Fault fault)
    {
        switch (fault)
        {
            case Fault.GatewayGoneBeforeStoring or Fault.GatewayGoneBeforeAnswering or Fault.GatewayGoneWhileAnswering:
                return _gateway.TryVanishWithNextMessage(_name, fault, () => Suffered.Add(fault));
            case Fault.Reboot:
                return await _gateway.TryRebootAsync(_name, () => Suffered.Add(fault));
            case Fault.PowerCutInWrite:
                Device.CutPowerInNextWrite();
                return _cutsInWrite = true;
            default:
                if (!Happens(fault))
                    return false;
                Suffered.Add(fault);
                return true;
        }
    }

    /// <summary>At once, or not at all.</summary>
    private bool Happens(Fault fault)
    {
        switch (fault)
        {
            case Fault.LinkDropped:
                return _gateway.Drop(_name);
            case Fault.Refused when !_isRefused:
                _gateway.Refuse(_name, _isRefused = true);
                return true;
            case Fault.RadioOff or Fault.RadioMute when !_isOffTheAir:
                Device.LoseRadio(mute: fault == Fault.RadioMute);
                return _isOffTheAir = true;
            case Fault.FlashFull when !_flashIsFull:
                Device.LimitFlash(1000);
                return _flashIsFull = true;
            case Fault.I2cNack:
                Device.DisturbI2c(_random.Next(1, 60));
                return true;
            case Fault.PowerCut:
                return Boots();
            case Fault.BootIn1970:
                Device.SetClockAtBoot(null);
                return Boots();
            case Fault.BootAYearAhead:
                Device.SetClockAtBoot(Year);
                return Boots();
            case Fault.ClockIn1970:
                return Device.LoseClock();
            case Fault.ClockAYearAhead:
                return Device.ShiftClock(Year);
            case Fault.ClockSetBack:
                return Device.ShiftClock(TimeSpan.FromMilliseconds(-_random.Next(50, 3000)));
            default:
                return false;
        }
    }

    /// <summary>The power goes, and with it what the clock was set to; then it comes again.</summary>
    private bool Boots()
    {
        Device.CutPower();
        Start();
        return true;
    }
}
