namespace IoTGateway.Alarms;

/// <summary>
/// Where one rule stands for one device. Rows in order move it; a row that comes after newer ones cannot, since they say
/// what is now: what it tells of the past becomes an event of its own.
/// </summary>
internal sealed class AlarmState(AlarmRule rule, string device)
{
    private long _newestMs = long.MinValue;
    private bool _wasRaisedLate;

    public bool IsRaised { get; private set; }

    public long SinceMs { get; private set; }

    public double? Value { get; private set; }

    /// <summary>When a value last came, Unix milliseconds by the gateway's clock.</summary>
    public long HeardMs { get; private set; }

    /// <summary>Takes up what held before a restart.</summary>
    public void Restore(long sinceMs, double? value) =>
        (IsRaised, SinceMs, Value, _newestMs) = (true, sinceMs, value, sinceMs);

    /// <summary>From when on a value is missed.</summary>
    public void ListenFrom(long nowMs) => HeardMs = Math.Max(HeardMs, nowMs);

    /// <summary>Takes a value; answers what it changed, null for nothing.</summary>
    public AlarmEvent? Take(long rowMs, double value, long nowMs)
    {
        HeardMs = nowMs;
        if (rule.Kind == AlarmKind.Missing)
            return IsRaised ? Move(false, nowMs, null) : null;
        if (rowMs < _newestMs)
            return TakeLate(rowMs, value);
        _newestMs = rowMs;
        _wasRaisedLate = false;
        if (!IsRaised && rule.Raises(value))
            return Move(true, rowMs, value);
        return IsRaised && rule.Clears(value) ? Move(false, rowMs, value) : null;
    }

    /// <summary>Looks at the clock, for what is missing.</summary>
    public AlarmEvent? Look(long nowMs)
    {
        var isDue = rule.Kind == AlarmKind.Missing && !IsRaised && nowMs - HeardMs >= rule.AfterSeconds * 1_000L;
        return isDue ? Move(true, nowMs, null) : null;
    }

    private AlarmEvent? TakeLate(long rowMs, double value)
    {
        // Within an alarm that holds there is nothing new in it.
        if (IsRaised && rowMs >= SinceMs)
            return null;
        if (_wasRaisedLate == rule.Raises(value) || (_wasRaisedLate && !rule.Clears(value)))
            return null;
        _wasRaisedLate = !_wasRaisedLate;
        return Event(_wasRaisedLate, rowMs, value, late: true);
    }

    private AlarmEvent Move(bool raised, long atMs, double? value)
    {
        (IsRaised, SinceMs, Value) = (raised, atMs, value);
        return Event(raised, atMs, value, late: false);
    }

    private AlarmEvent Event(bool raised, long atMs, double? value, bool late) =>
        new(0, rule.Id, rule.Name, rule.InWords(), device, raised, atMs, value, late);
}
