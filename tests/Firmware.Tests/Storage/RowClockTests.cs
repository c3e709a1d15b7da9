using Firmware.Tests.Device;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Storage;

public class RowClockTests
{
    private const long Now = 1_790_000_000_000;
    private const long Year = 365L * 24 * 3600 * 1000;

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 250)]
    [InlineData(3, 130)]
    public void However_the_clock_jumps_no_two_rows_bear_the_same_time(int seed, int intervalMs)
    {
        var random = new Random(seed);
        var clock = new BenchClock();
        var rows = new RowClock(clock, new RowLanes());
        var given = new HashSet<long>();
        var steps = 0;
        for (var i = 0; i < 5000; i++)
        {
            clock.BootMs += intervalMs;
            if (i == 10)
                clock.Set(Now);
            if (i > 10 && steps < 9 && random.Next(100) == 0)
            {
                clock.UnixAtBootMs -= intervalMs * random.Next(1, 50);
                steps++;
            }
            else if (i > 10 && random.Next(300) == 0)
            {
                clock.UnixAtBootMs += random.Next(2) == 0 ? random.Next(1, 5000) : Year;
            }

            if (rows.Follow(out var byMs))
                given = [.. given.Select(t => t + byMs)];
            var time = rows.Stamp(clock.BootMs);
            Assert.True(given.Add(time), $"row {i} has a time that was given before");
            if (i >= 10)
                Assert.InRange(time - clock.UnixMs(), -20, 20);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Over_boots_power_cuts_and_clocks_that_go_back_no_time_is_given_twice(int seed)
    {
        var random = new Random(seed);
        var given = new HashSet<long>();
        var late = 0;
        var flash = new byte[RowLanes.Bytes];
        long now = Now;
        for (var boot = 0; boot < 200; boot++)
        {
            var lanes = new RowLanes();
            var reader = new WireReader();
            reader.Reset(flash, 0, flash.Length);
            lanes.Read(reader);
            long off = random.Next(5) switch
            {
                0 => Year,
                1 => -random.Next(600_000),
                _ => 0,
            };
            var clock = new BenchClock { UnixAtBootMs = random.Next(4) == 0 ? null : now + off };
            var rows = new RowClock(clock, lanes);
            var sinceBoot = new List<long>();
            for (var i = random.Next(300); i > 0; i--)
            {
                now += 1000;
                clock.BootMs += 1000;
                if (random.Next(100) == 0)
                    clock.UnixAtBootMs = now - clock.BootMs - random.Next(5000);
                if (rows.Follow(out var byMs))
                    Assert.All(sinceBoot, t => Assert.True(given.Add(t + byMs), $"boot {boot}: {t} since boot"));
                var time = rows.Stamp(clock.BootMs);
                if (rows.Flag == 0)
                {
                    sinceBoot.Add(time);
                    continue;
                }

                Assert.True(given.Add(time), $"boot {boot}: {time} was given before");
                late += Math.Abs(time - clock.UnixMs()) > 20 && clock.IsSet ? 1 : 0;
                if (!lanes.AreSaved)
                    Save(lanes, flash, clock.BootMs < 60_000 ? Math.Max(clock.BootMs, 3750) : 60_000);
            }
        }

        // A time beside the truth is the price where all lanes were used; hardly ever.
        Assert.True(late < given.Count / 100, $"{late} of {given.Count} rows bear a time beside the clock's");
    }

    private static void Save(RowLanes lanes, byte[] flash, long aheadMs)
    {
        lanes.Plan(aheadMs);
        var writer = new WireWriter(RowLanes.Bytes);
        lanes.Write(writer);
        writer.Buffer.CopyTo(flash, 0);
        lanes.Saved();
    }

    [Fact]
    public void A_clock_back_in_1970_is_not_believed()
    {
        var clock = new BenchClock { UnixAtBootMs = Now };
        var rows = new RowClock(clock, new RowLanes());
        rows.Follow(out _);
        var before = rows.Stamp(clock.BootMs);
        clock.BootMs += 1000;
        clock.UnixAtBootMs = null;
        rows.Follow(out _);

        Assert.Equal(before + 1000, rows.Stamp(clock.BootMs));
    }

    [Fact]
    public void Two_rows_at_one_moment_get_two_times()
    {
        var clock = new BenchClock { UnixAtBootMs = Now };
        var rows = new RowClock(clock, new RowLanes());
        rows.Follow(out _);

        Assert.True(rows.Stamp(5) < rows.Stamp(5));
    }
}
