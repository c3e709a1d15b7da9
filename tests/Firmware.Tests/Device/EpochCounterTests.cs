using Firmware.Tests.StandIns;
using IoTGateway.Device.Storage;

namespace Firmware.Tests.Device;

public sealed class EpochCounterTests : IDisposable
{
    private readonly TestMachine _machine = new();
    private readonly BenchBoard _board = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void The_first_boot_is_1_and_each_one_after_it_one_more()
    {
        Assert.Equal(1u, Boot());
        Assert.Equal(2u, Boot());
        Assert.Equal(3u, Boot());
    }

    [Fact]
    public void Power_lost_between_delete_and_move_loses_no_count()
    {
        Boot();
        Boot();
        System.IO.File.Move(_machine.Flash("epoch"), _machine.Flash("epoch.new"));

        Assert.Equal(3u, Boot());
    }

    [Fact]
    public void Power_lost_while_the_new_file_was_written_loses_no_count()
    {
        Boot();
        System.IO.File.WriteAllBytes(_machine.Flash("epoch.new"), [9, 0, 0]);

        Assert.Equal(2u, Boot());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0100000000000000")]
    [InlineData("01000000")]
    [InlineData("010000000000000000")]
    public void An_unreadable_counter_leaves_the_range_that_was_used(string hex)
    {
        System.IO.File.WriteAllBytes(_machine.Flash("epoch"), Convert.FromHexString(hex));
        _board.Time.Set(1_790_000_000_000);

        Assert.Equal(1_790_000_000u, Boot());
        Assert.Equal(1_790_000_001u, Boot());
        Assert.Single(_board.Lines);
    }

    [Fact]
    public void An_unreadable_counter_without_a_clock_goes_where_no_count_and_no_time_was()
    {
        System.IO.File.WriteAllBytes(_machine.Flash("epoch"), [1, 2, 3]);

        Assert.InRange(Boot(), 0x80000000, 0xBFFFFFFF);
    }

    [Theory]
    [InlineData(1_790_000_000_000, 1_790_000_001u)]
    [InlineData(0, 1_000_000_001u)]
    [InlineData(long.MaxValue, 1_000_000_001u)]
    public void A_skipped_range_is_left_upwards_whatever_the_time_was(long unixMs, uint next)
    {
        Boot();
        new EpochCounter(_board).SkipTo(unixMs);

        Assert.Equal(next, Boot());
    }

    private uint Boot() => new EpochCounter(_board).Increment();
}
