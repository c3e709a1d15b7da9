using IoTGateway.Sockets;

namespace IoTGateway.Tests.Sockets;

/// <summary>When a loop waits a moment for more to come, in a time that the test makes.</summary>
public sealed class GatheringTests
{
    private readonly Gathering _gathering = new();
    private long _nowMs = 1_000_000;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, true)]
    [InlineData(12, true)]
    [InlineData(40, false)]
    public void A_loop_waits_where_it_brings_many_together_and_not_where_few_or_very_many_come(int perMs, bool isOn)
    {
        for (var ms = 0; ms < 200; ms++)
            Look(perMs);
        Assert.Equal(isOn, _gathering.IsOn);
    }

    [Fact]
    public void It_ends_when_fewer_come()
    {
        for (var ms = 0; ms < 100; ms++)
            Look(10);
        Assert.True(_gathering.IsOn);
        for (var ms = 0; ms < 100; ms++)
            Look(1);
        Assert.False(_gathering.IsOn);
    }

    /// <summary>One client that asks again when it is answered: quick while nobody waits, and once in a moment where the loop does.</summary>
    [Fact]
    public void Whoever_waits_for_each_answer_is_slowed_down_for_a_small_part_of_the_time()
    {
        var (slow, all) = (0, 2_000);
        for (var ms = 0; ms < all; ms++)
        {
            if (_gathering.IsOn)
                slow++;
            for (var asked = 0; asked < (_gathering.IsOn ? 1 : 5); asked++)
                _gathering.Found(1, _nowMs);
            _nowMs++;
        }
        Assert.InRange(slow, 1, all / 5);
    }

    /// <summary>A minute without a word is no second of a crowd.</summary>
    [Fact]
    public void What_came_long_ago_does_not_count()
    {
        for (var ms = 0; ms < 20; ms++)
            Look(10);
        _nowMs += 60_000;
        Look(10);
        Assert.False(_gathering.IsOn);
    }

    private void Look(int found)
    {
        _gathering.Found(found, _nowMs);
        _nowMs++;
    }
}
