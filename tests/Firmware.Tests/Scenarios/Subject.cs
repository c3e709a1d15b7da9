using Firmware.Tests.Link;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Scenarios;

/// <summary>One device and what is done to it. What must be true of it afterwards is in Subject.Verify.cs.</summary>
internal sealed partial class Subject : IAsyncDisposable
{
    private const long RoomyFlash = 256 * 1024;
    private static readonly TimeSpan LongestFault = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly FaultyGateway _gateway;
    private readonly string _name;
    private readonly Random _random;
    private readonly DeviceUnderTest _device;
    private bool _flashIsFull;

    public Subject(FaultyGateway gateway, string name, int seed, VirtualTransport transport)
    {
        (_gateway, _name, _random) = (gateway, name, new Random(seed));
        _device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o =>
                o with
                {
                    Token = name + ".c2VjcmV0",
                    Seed = seed,
                    Transport = transport,
                    PollInterval = TimeSpan.FromSeconds(1),
                    OutboxBytes = 700,
                    SpillAfter = TimeSpan.FromMilliseconds(300),
                    // A device that takes it would not stay long where a fault has put it.
                    TakesTimeFromGateway = seed % 2 == 0,
                    Configure = s =>
                    {
                        s.SpillFileBytes = 700;
                        s.SpillFiles = 4;
                        s.LookAheadMs = 1500;
                        s.Timings.FarewellMs = 200;
                        s.Timings.StallMs = 1000;
                        s.Timings.AnswerMs = 1000;
                    },
                }
        );
    }

    private VirtualDevice Device => _device.Device;

    public async Task SufferAsync(int faults)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        for (var i = 0; i < faults; i++)
        {
            var fault = _random.Next(17);
            // Off this thread: what hangs shall have a name, and not only never end.
            await Task.Run(() => InflictAsync(fault))
                .WaitAsync(LongestFault)
                .ContinueWith(done =>
                    Assert.True(done.IsCompletedSuccessfully, $"{_name}, fault {fault}: {done.Exception}")
                );
            await pace.WaitForNextTickAsync();
            if (!Device.Status.Running)
                Device.Start();
        }
    }

    /// <summary>All is well again: the clock, the flash and the radio; then an orderly stop.</summary>
    public async Task RecoverAsync()
    {
        Device.LimitFlash(RoomyFlash);
        Device.SetClockAtBoot(TimeSpan.Zero);
        // A boot without a fault to come: a power cut may still wait for the next write.
        Device.CutPower();
        Device.Start();
        await Eventually.TrueAsync(() => Device.Status is { Connected: true, RowsInFlash: 0 });
        // Gaps are told before the next rows, so one more message of this boot says that they are through.
        var epoch = Device.Status.Epoch;
        var before = _gateway.Journal(_name).Highest(epoch);
        await Eventually.TrueAsync(() => _gateway.Journal(_name).Highest(epoch) > before + 1);
        await Device.StopAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _device.DisposeAsync();

    private async Task InflictAsync(int fault)
    {
        switch (fault)
        {
            case 0 or 1:
                _gateway.Drop(_name);
                break;
            case 2:
                _gateway.VanishWithNextMessage(_name, stored: false);
                break;
            case 3:
                _gateway.VanishWithNextMessage(_name, stored: true);
                break;
            case 4:
                _gateway.Refuse(_name, true);
                break;
            case 5 or 6:
                _gateway.Refuse(_name, false);
                break;
            case 7:
                Device.CutPower();
                break;
            case 8:
                Device.CutPowerInNextWrite();
                break;
            case 9:
                await _gateway.SendCommandAsync(_name, "reboot");
                break;
            case 10:
                await Device.StopAsync(CancellationToken.None);
                break;
            case 11:
                _flashIsFull = !_flashIsFull;
                Device.LimitFlash(_flashIsFull ? 1000 : RoomyFlash);
                break;
            case 12:
                Device.DisturbI2c(_random.Next(1, 60));
                break;
            case 13:
                _gateway.CutNextAnswer(_name);
                break;
            case 14:
                BootWithClock(_random.Next(3));
                break;
            default:
                JumpClock(_random.Next(4));
                break;
        }
    }

    /// <summary>The power goes, and with it what the clock was set to: it comes up in 1970, a year ahead, or right.</summary>
    private void BootWithClock(int how)
    {
        Device.SetClockAtBoot(
            how == 0 ? null
            : how == 1 ? Year
            : TimeSpan.Zero
        );
        Device.CutPower();
    }

    private void JumpClock(int how)
    {
        switch (how)
        {
            case 0:
                Device.LoseClock();
                break;
            case 1:
                Device.ShiftClock(Year);
                break;
            case 2:
                Device.ShiftClock(TimeSpan.FromMilliseconds(-_random.Next(50, 3000)));
                break;
            default:
                Device.SetClock();
                break;
        }
    }
}
