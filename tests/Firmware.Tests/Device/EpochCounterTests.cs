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

    [Theory]
    [InlineData("epoch")]
    [InlineData("epoch.copy")]
    public void A_counter_that_is_gone_or_was_being_written_when_the_power_went_is_read_from_its_copy(string file)
    {
        Boot();
        Boot();
        System.IO.File.WriteAllBytes(_machine.Flash(file), [9, 0, 0]);
        Assert.Equal(3u, Boot());
        System.IO.File.Delete(_machine.Flash(file));
        Assert.Equal(4u, Boot());
    }

    [Fact]
    public void An_erased_flash_starts_where_its_provisioning_says_and_a_count_above_that_goes_on()
    {
        Assert.Equal(217_000_000u, Boot(217_000_000));
        Assert.Equal(217_000_001u, Boot(217_000_000));
        Assert.Equal(217_000_002u, Boot(5));
        Assert.Equal(218_000_000u, Boot(218_000_000));
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
        new EpochCounter(_board, 1).SkipTo(EpochCounter.Beyond(unixMs));

        Assert.Equal(next, Boot());
    }

    private uint Boot(uint first = 1) => new EpochCounter(_board, first).Increment();
}
