namespace IoTGateway.Security;

/// <summary>A <see cref="TokenBucket"/> for each key, made when it is first asked for. Safe for many threads.</summary>
/// <param name="perSecond">How fast each fills.</param>
/// <param name="burst">How much each holds.</param>
internal sealed class TokenBuckets<TKey>(double perSecond, double burst)
    where TKey : notnull
{
    /// <summary>Past this many, all buckets start over: full ones are indistinguishable from forgotten ones.</summary>
    private const int Most = 100_000;

    private readonly Dictionary<TKey, TokenBucket> _buckets = [];
    private readonly Lock _lock = new();

    public bool TryTake(TKey key, TimeProvider time, out TimeSpan wait)
    {
        lock (_lock)
        {
            if (_buckets.Count >= Most)
                _buckets.Clear();
            if (!_buckets.TryGetValue(key, out var bucket))
                bucket = new TokenBucket(perSecond, burst);
            var taken = bucket.TryTake(time, out wait);
            _buckets[key] = bucket;
            return taken;
        }
    }

    /// <summary>Takes one back that need not have been counted.</summary>
    public void GiveBack(TKey key)
    {
        lock (_lock)
        {
            if (!_buckets.TryGetValue(key, out var bucket))
                return;
            bucket.GiveBack();
            _buckets[key] = bucket;
        }
    }
}
