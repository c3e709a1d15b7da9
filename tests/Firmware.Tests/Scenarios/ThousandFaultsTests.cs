using System.Diagnostics;
using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Scenarios;

/// <summary>
/// A thousand faults, by seed, over a few devices that sample on. The promise: every row arrives once, or is inside a gap
/// that was told, or was in RAM when the power went, and then the device's own count of its losses covers it.
/// </summary>
public class ThousandFaultsTests(ITestOutputHelper output)
{
    private const int Devices = 16;
    private const int FaultsEach = 63;

    private const int DefaultSeed = 1_125_899_733;

    [Fact]
    public async Task Every_row_arrives_once_or_is_told_as_a_gap_or_went_with_the_power()
    {
        // The same faults at every run; another seed brings others.
        var seed = int.TryParse(Environment.GetEnvironmentVariable("IOTGW_SEED"), out var given) ? given : DefaultSeed;
        output.WriteLine($"IOTGW_SEED={seed}");
        var took = Stopwatch.StartNew();
        await using var gateway = new FaultyGateway(await TestGateway.StartAsync());
        gateway.Begin();
        var subjects = Enumerable.Range(0, Devices).Select(i => new Subject(gateway, $"room-{i}", seed + i)).ToList();
        await Task.WhenAll(subjects.Select(s => s.SufferAsync(FaultsEach)));
        gateway.Calm();
        await Task.WhenAll(subjects.Select(s => s.RecoverAsync()));
        var sum = subjects.Select(s => s.Verify(seed)).Aggregate((a, b) => a + b);
        foreach (var subject in subjects)
            await subject.DisposeAsync();
        output.WriteLine($"{Devices * FaultsEach} faults in {took.Elapsed.TotalSeconds:F1} s: {sum}");
        Assert.True(sum.Arrived > sum.Rows / 2, $"seed {seed}: hardly anything arrived: {sum}");
    }

    private readonly record struct Outcome(
        int Rows,
        int Arrived,
        int InGaps,
        int Lost,
        long Damaged,
        long Failed,
        long Spilled
    )
    {
        public static Outcome operator +(Outcome a, Outcome b) =>
            new(
                a.Rows + b.Rows,
                a.Arrived + b.Arrived,
                a.InGaps + b.InGaps,
                a.Lost + b.Lost,
                a.Damaged + b.Damaged,
                a.Failed + b.Failed,
                a.Spilled + b.Spilled
            );
    }

    /// <summary>One device and what is done to it.</summary>
    private sealed class Subject : IAsyncDisposable
    {
        private const long RoomyFlash = 256 * 1024;

        private readonly FaultyGateway _gateway;
        private readonly string _name;
        private readonly Random _random;
        private readonly DeviceUnderTest _device;
        private readonly HashSet<uint> _cutEpochs = [];
        private bool _flashIsFull;

        public Subject(FaultyGateway gateway, string name, int seed)
        {
            (_gateway, _name, _random) = (gateway, name, new Random(seed));
            _device = DeviceUnderTest.Start(
                gateway.LinkUri,
                o =>
                    o with
                    {
                        Token = name + ".c2VjcmV0",
                        Seed = seed,
                        OutboxBytes = 700,
                        SpillAfter = TimeSpan.FromMilliseconds(300),
                        Configure = s =>
                        {
                            s.SpillFileBytes = 700;
                            s.SpillFiles = 4;
                            s.Timings.FarewellMs = 200;
                            s.Timings.StallMs = 1000;
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
                await InflictAsync(_random.Next(13));
                await pace.WaitForNextTickAsync();
                if (!Device.Status.Running)
                    Device.Start();
            }
        }

        /// <summary>All is well again: the clock, the flash and the radio; then an orderly stop.</summary>
        public async Task RecoverAsync()
        {
            Device.LimitFlash(RoomyFlash);
            if (!Device.Status.Running)
                Device.Start();
            Device.SetClock();
            await Eventually.TrueAsync(() => Device.Status is { Connected: true, RowsInFlash: 0 });
            // Gaps are told before the next rows, so one more message of this boot says that they are through.
            var epoch = Device.Status.Epoch;
            var before = _gateway.Journal(_name).Highest(epoch);
            await Eventually.TrueAsync(() => _gateway.Journal(_name).Highest(epoch) > before + 1);
            await Device.StopAsync(CancellationToken.None);
        }

        public Outcome Verify(int seed)
        {
            var (messages, gaps, disorder) = _gateway.Journal(_name).Read();
            var status = Device.Status;
            Assert.Null(status.Fault);
            Assert.True(disorder.Count == 0, $"seed {seed}, {_name}: {string.Join(", ", disorder)}");
            var rows = _device.Rows.ToList();
            var arrived = rows.Where(r => messages.ContainsKey((r.Epoch, r.Sequence))).ToList();
            AssertContents(seed, arrived, messages);
            var missing = rows.Where(r => !messages.ContainsKey((r.Epoch, r.Sequence))).ToList();
            var inGaps = missing.Where(r => gaps.Any(g => Covers(g, r))).ToList();
            var lost = missing.Except(inGaps).ToList();
            var innocent = lost.Where(r => !_cutEpochs.Contains(r.Epoch)).ToList();
            Assert.True(
                innocent.Count == 0,
                $"seed {seed}, {_name}: gone without a power cut or a gap: {string.Join(", ", innocent.Select(r => $"{r.Epoch}/{r.Sequence}").Distinct())}"
            );
            Assert.True(
                lost.Count <= status.RowsLost,
                $"seed {seed}, {_name}: {lost.Count} rows lost, {status.RowsLost} counted"
            );
            return new(
                rows.Count,
                arrived.Count,
                inGaps.Count,
                lost.Count,
                status.SpillFilesDamaged,
                status.SpillsFailed,
                status.RowsSpilled
            );
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
                    CutPower();
                    break;
                case 8:
                    _cutEpochs.Add(Device.Status.Epoch);
                    Device.CutPowerInNextWrite();
                    break;
                case 9:
                    NoteFullFlash();
                    await _gateway.SendCommandAsync(_name, "reboot");
                    break;
                case 10:
                    NoteFullFlash();
                    await Device.StopAsync(CancellationToken.None);
                    break;
                case 11:
                    _flashIsFull = !_flashIsFull;
                    Device.LimitFlash(_flashIsFull ? 1000 : RoomyFlash);
                    break;
                default:
                    JumpClock();
                    break;
            }
        }

        // An orderly end with nowhere to put the rows is as bad as no end at all.
        private void NoteFullFlash()
        {
            if (_flashIsFull)
                _cutEpochs.Add(Device.Status.Epoch);
        }

        private void CutPower()
        {
            Device.CutPower();
            _cutEpochs.Add(Device.Status.Epoch);
        }

        private void JumpClock()
        {
            switch (_random.Next(4))
            {
                case 0:
                    Device.LoseClock();
                    break;
                case 1:
                    Device.ShiftClock(TimeSpan.FromDays(365));
                    break;
                case 2:
                    Device.ShiftClock(TimeSpan.FromMilliseconds(-_random.Next(50, 3000)));
                    break;
                default:
                    Device.SetClock();
                    break;
            }
        }

        private static bool Covers(GapMessage gap, VirtualRow row) =>
            gap.Epoch == row.Epoch
            && ((gap.Clock == 1) != row.IsUnixTime || ((long)gap.FromMs <= row.TimeMs && row.TimeMs <= (long)gap.ToMs));

        /// <summary>Each message holds exactly the rows that were sealed into it, each once.</summary>
        private void AssertContents(int seed, List<VirtualRow> arrived, Dictionary<(uint, uint), Telemetry> messages)
        {
            foreach (var group in arrived.GroupBy(r => (r.Epoch, r.Sequence)))
            {
                var telemetry = messages[group.Key];
                var shifted = telemetry.Clock == 1 && !group.First().IsUnixTime;
                var expected = group.Select(RowText.Of).Order(StringComparer.Ordinal);
                var received = RowText.Of(telemetry).Order(StringComparer.Ordinal);
                Assert.True(
                    shifted ? telemetry.Rows == group.Count() : expected.SequenceEqual(received),
                    $"seed {seed}, {_name}: {group.Key} holds other rows than were sealed into it"
                );
            }

            var times = arrived.Where(r => r.IsUnixTime).Select(r => (r.Epoch, r.Measurement, r.TimeMs)).ToList();
            Assert.True(
                times.Count == times.Distinct().Count(),
                $"seed {seed}, {_name}: two rows of one sensor and time"
            );
        }
    }
}
