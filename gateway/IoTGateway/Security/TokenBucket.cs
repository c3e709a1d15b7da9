namespace IoTGateway.Security;

/// <summary>
/// A rate limit that costs two numbers: it fills at a steady rate up to its burst, and every taking empties it by one.
/// Not thread-safe; its owner locks where several take.
/// </summary>
internal struct TokenBucket(double perSecond, double burst)
{
    private readonly double _perSecond = perSecond;
    private readonly double _burst = burst;
    private double _tokens = burst;
    private long _filledAt;

    /// <summary>Takes one.</summary>
    /// <param name="time">Tells how much has flowed in since.</param>
    /// <param name="wait">Where it is empty: until the next one is there.</param>
    /// <returns>False where it is empty.</returns>
    public bool TryTake(TimeProvider time, out TimeSpan wait)
    {
        var now = time.GetTimestamp();
        if (_filledAt != 0)
            _tokens = Math.Min(_burst, _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond));
        _filledAt = now;
        wait = TimeSpan.Zero;
        if (_tokens >= 1)
        {
            _tokens--;
            return true;
        }
        wait = TimeSpan.FromSeconds((1 - _tokens) / _perSecond);
        return false;
    }

    /// <summary>Takes one back that need not have been counted.</summary>
    public void GiveBack() => _tokens = Math.Min(_burst, _tokens + 1);
}
