using IoTGateway.Security;

namespace IoTGateway.Tests.Security;

/// <summary>How a fleet that comes back at once is spread.</summary>
public sealed class AttemptLimiterTests
{
    private const int PerSecond = 10;

    private readonly FakeTimeProvider _time = new();
    private readonly AttemptLimiter _limiter;

    public AttemptLimiterTests() =>
        _limiter = new AttemptLimiter(new LimitsOptions { HandshakesPerSecond = PerSecond }, _time);

    [Fact]
    public void Whoever_is_refused_comes_back_at_a_moment_of_its_own_and_is_let_in()
    {
        var waits = Refused(fleet: 100);
        Assert.Equal(90, waits.Count);
        var before = TimeSpan.Zero;
        foreach (var wait in waits)
        {
            Assert.InRange((wait - before).TotalMilliseconds, before == TimeSpan.Zero ? 1000 : 99, 1101);
            _time.Advance(wait - before);
            Assert.True(_limiter.TryAny(out _));
            before = wait;
        }
        Assert.InRange(before.TotalSeconds, 9, 11);
    }

    [Fact]
    public void A_fleet_is_returning_until_the_last_who_was_refused_has_had_its_moment()
    {
        Assert.False(_limiter.IsReturning);
        var last = Refused(fleet: 100)[^1];
        Assert.True(_limiter.IsReturning);
        _time.Advance(last - TimeSpan.FromMilliseconds(1));
        Assert.True(_limiter.IsReturning);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.False(_limiter.IsReturning);
    }

    [Fact]
    public void Those_who_knock_again_and_again_push_nobody_back_for_more_than_a_minute() =>
        Assert.All(Refused(fleet: 10_000), wait => Assert.InRange(wait.TotalSeconds, 1, 62));

    private List<TimeSpan> Refused(int fleet)
    {
        var waits = new List<TimeSpan>();
        for (var device = 0; device < fleet; device++)
        {
            if (!_limiter.TryAny(out var wait))
                waits.Add(wait);
        }
        return waits;
    }
}
