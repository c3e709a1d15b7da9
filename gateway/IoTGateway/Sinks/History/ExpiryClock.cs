namespace IoTGateway.Sinks.History;

/// <summary>
/// The time by which rows are deleted. A wall clock that jumps a year ahead must not empty the history: a jump of more
/// than a day is believed only when it has lasted for a day. Jumps back are harmless and believed at once.
/// </summary>
/// <param name="clock">Tells both times; make this when the process starts, before anybody sets the clock.</param>
internal sealed class ExpiryClock(TimeProvider clock)
{
    public static readonly TimeSpan LargestJump = TimeSpan.FromDays(1);
    public static readonly TimeSpan BelievedAfter = TimeSpan.FromDays(1);

    private DateTimeOffset _believed = clock.GetUtcNow();
    private long _at = clock.GetTimestamp();
    private long? _aheadSince;

    /// <summary>Whether the wall clock has run away and is not believed yet.</summary>
    public bool IsInDoubt => _aheadSince is not null;

    /// <summary>Tells what <see cref="Now"/> said in the run before: the clock may have been set in between.</summary>
    public void Remember(DateTimeOffset lastRun) => _believed = lastRun;

    public DateTimeOffset Now()
    {
        var now = clock.GetTimestamp();
        var wall = clock.GetUtcNow();
        var expected = _believed + clock.GetElapsedTime(_at, now);
        _at = now;
        if (wall - expected > LargestJump)
        {
            _aheadSince ??= now;
            if (clock.GetElapsedTime(_aheadSince.Value, now) < BelievedAfter)
                return _believed = expected;
        }
        _aheadSince = null;
        return _believed = wall;
    }
}
