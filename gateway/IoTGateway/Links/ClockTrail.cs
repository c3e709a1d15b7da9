namespace IoTGateway.Links;

/// <summary>
/// What the rows of a link tell of its device's clock after HELLO. A row was measured before it came, so the clock stands at
/// its newest row or later: one that jumps ahead shows with its first message. One that was set back shows when several
/// messages in a row end before the newest row so far. A backlog does neither: its rows are old, and come oldest first.
/// </summary>
internal struct ClockTrail
{
    /// <summary>A sensor that is seldom sampled may send, in a message of its own, what is older than another's last row.</summary>
    private const int MessagesInARow = 3;

    private long _newestMs;
    private int _before;

    /// <summary>What the skew is after one more message of the present boot.</summary>
    /// <param name="lastMs">Its newest row, Unix milliseconds.</param>
    /// <param name="nowMs">The gateway's clock.</param>
    /// <param name="skewMs">What it was; null where nothing told it yet.</param>
    public long? Follow(long lastMs, long nowMs, long? skewMs)
    {
        var ahead = lastMs - nowMs;
        if (lastMs < _newestMs - WallClock.SmallestStepMs)
        {
            if (++_before < MessagesInARow)
                return skewMs;
            (_newestMs, _before) = (lastMs, 0);
            return ahead;
        }
        (_newestMs, _before) = (Math.Max(_newestMs, lastMs), 0);
        return ahead > (skewMs ?? WallClock.SmallestStepMs) ? ahead : skewMs;
    }
}
