using Firmware.Tests.Link;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Scenarios;

/// <summary>
/// One device and what is done to it. The faults are in Subject.Faults.cs, and what must be true of it afterwards in
/// Subject.Verify.cs.
/// </summary>
internal sealed partial class Subject : IAsyncDisposable
{
    private const long RoomyFlash = 256 * 1024;
    private static readonly TimeSpan LongestFault = TimeSpan.FromSeconds(30);

    private readonly FaultyGateway _gateway;
    private readonly string _name;
    private readonly Random _random;
    private readonly DeviceUnderTest _device;

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
                        s.Timings.DrainMs = 500;
                    },
                }
        );
    }

    public Suffered Suffered { get; } = new();

    private VirtualDevice Device => _device.Device;

    /// <summary>So many faults, each really inflicted, and what lifts them between.</summary>
    public async Task SufferAsync(int faults)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (Suffered.Total < faults)
        {
            // Off this thread: what hangs shall have a name, and not only never end.
            await Task.Run(OnceAsync)
                .WaitAsync(LongestFault)
                .ContinueWith(done =>
                    Assert.True(done.IsCompletedSuccessfully, $"{_name}, {_fault}: {done.Exception}")
                );
            await pace.WaitForNextTickAsync();
            if (Device.Status.Running)
                continue;
            // Nothing else stops it behind our back.
            if (_cutsInWrite)
                Suffered.Add(Fault.PowerCutInWrite);
            Start();
        }
    }

    /// <summary>All is well again: the clock, the flash and the radio; then an orderly stop.</summary>
    public async Task RecoverAsync()
    {
        Device.LimitFlash(RoomyFlash);
        Device.SetClockAtBoot(TimeSpan.Zero);
        Device.FindRadio();
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

    private void Start()
    {
        // With a boot goes what was to happen to it.
        _cutsInWrite = false;
        Device.Start();
    }
}
