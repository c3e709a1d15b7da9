using IoTGateway.Device.Link;

namespace Firmware.Tests.Link;

public class BackoffTests
{
    private const int Draws = 4000;

    // Always the same draws: what holds of them once holds for ever.
    private readonly Random _random = new(1);
    private readonly LinkTimings _timings = new() { BackoffBaseMs = 4, BackoffCapMs = 20 };

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 8)]
    [InlineData(2, 16)]
    [InlineData(3, 20)]
    [InlineData(4, 20)]
    [InlineData(500, 20)]
    public void Each_failure_doubles_the_ceiling_up_to_the_cap_and_each_wait_below_it_is_as_likely(
        int failures,
        int ceiling
    )
    {
        var waits = Waits(After(failures));

        Assert.Equal(Enumerable.Range(0, ceiling + 1).Select(ms => (long)ms), waits.Distinct().Order());
        var fair = (double)Draws / (ceiling + 1);
        Assert.All(waits.CountBy(ms => ms), wait => Assert.InRange(wait.Value, fair / 2, fair * 2));
    }

    [Fact]
    public void Success_begins_anew_at_the_base()
    {
        var backoffs = After(10);
        foreach (var backoff in backoffs)
            backoff.Succeeded();

        Assert.Equal(4, Waits(backoffs).Max());
        Assert.Equal(8, Waits(backoffs).Max());
    }

    [Fact]
    public void What_RETRY_AFTER_asked_for_stands_in_front_of_the_spread_and_changes_no_ceiling()
    {
        var backoffs = After(0);
        var asked = Waits(backoffs, notBeforeMs: 5_000_000_000);

        Assert.Equal((5_000_000_000, 5_000_000_004), (asked.Min(), asked.Max()));
        var next = Waits(backoffs);
        Assert.Equal((0, 8), (next.Min(), next.Max()));
    }

    [Fact]
    public void A_device_waits_a_second_at_first_and_a_minute_at_most()
    {
        var backoff = new Backoff(_random, new LinkTimings());
        Assert.InRange(backoff.NextMs(0), 0, 1000);
        for (var i = 0; i < 100_000; i++)
            Assert.InRange(backoff.NextMs(0), 0, 60_000);
    }

    /// <summary>Many that have failed so often.</summary>
    private List<Backoff> After(int failures)
    {
        var backoffs = Enumerable.Range(0, Draws).Select(_ => new Backoff(_random, _timings)).ToList();
        for (var i = 0; i < failures; i++)
            backoffs.ForEach(backoff => backoff.NextMs(0));
        return backoffs;
    }

    private static List<long> Waits(IEnumerable<Backoff> backoffs, long notBeforeMs = 0) =>
        backoffs.Select(backoff => backoff.NextMs(notBeforeMs)).ToList();
}
