using System.Net;

namespace IoTGateway.Security;

/// <summary>
/// Counts handshakes by device and by address. Only a device's own, authenticated attempts count against it, so that
/// a stranger who knows its name cannot lock it out.
/// </summary>
internal sealed class AttemptLimiter(LimitsOptions limits, TimeProvider time)
{
    private readonly Buckets<string> _devices = new(
        limits.HandshakesPerMinutePerDevice / 60.0,
        limits.HandshakesPerMinutePerDevice
    );
    private readonly Buckets<IPAddress> _addresses = new(
        limits.HandshakesPerSecondPerAddress,
        limits.HandshakesPerSecondPerAddress * 10.0
    );
    private readonly Lock _lock = new();
    private TokenBucket _all = new(limits.HandshakesPerSecond, limits.HandshakesPerSecond);

    public bool TryDevice(string device, out TimeSpan wait) => _devices.TryTake(device, time, out wait);

    public bool TryAddress(IPAddress address, out TimeSpan wait) => _addresses.TryTake(address, time, out wait);

    /// <summary>Paces accepts over all devices, so that a returning fleet does not starve those already here.</summary>
    public bool TryAny(out TimeSpan wait)
    {
        lock (_lock)
            return _all.TryTake(time, out wait);
    }

    private sealed class Buckets<TKey>(double perSecond, double burst)
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
    }
}
