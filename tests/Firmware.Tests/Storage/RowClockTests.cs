using Firmware.Tests.Device;
using IoTGateway.Device.Storage;

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
        var rows = new RowClock(clock, 7);
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

    [Fact]
    public void A_clock_back_in_1970_is_not_believed()
    {
        var clock = new BenchClock { UnixAtBootMs = Now };
        var rows = new RowClock(clock, 1);
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
        var rows = new RowClock(clock, 1);
        rows.Follow(out _);

        Assert.True(rows.Stamp(5) < rows.Stamp(5));
    }
}
