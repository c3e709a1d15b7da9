using System.Net;

namespace IoTGateway.Security;

/// <summary>
/// Counts handshakes by device and by address, and requests by device. Only a device's own, authenticated attempts count against it, so that
/// a stranger who knows its name cannot lock it out.
/// </summary>
internal sealed class AttemptLimiter(LimitsOptions limits, TimeProvider time)
{
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);

    /// <summary>Past it the promises start over: those who knock again and again must not push everybody into tomorrow.</summary>
    private static readonly TimeSpan Latest = TimeSpan.FromMinutes(1);

    private readonly TokenBuckets<string> _devices = new(
        limits.HandshakesPerMinutePerDevice / 60.0,
        limits.HandshakesPerMinutePerDevice
    );
    private readonly TokenBuckets<IPAddress> _addresses = new(
        limits.HandshakesPerSecondPerAddress,
        limits.HandshakesPerSecondPerAddress * 10.0
    );
    private readonly TokenBuckets<string> _requests = new(
        limits.RequestsPerSecondPerDevice,
        limits.RequestsPerSecondPerDevice * 10.0
    );
    private readonly Lock _lock = new();
    private TokenBucket _all = new(limits.HandshakesPerSecond, limits.HandshakesPerSecond);
    private long _promised;

    public bool TryDevice(string device, out TimeSpan wait) => _devices.TryTake(device, time, out wait);

    /// <summary>Counts a device's requests, each of which is no handshake.</summary>
    public bool TryRequest(string device, out TimeSpan wait) => _requests.TryTake(device, time, out wait);

    public bool TryAddress(IPAddress address, out TimeSpan wait) => _addresses.TryTake(address, time, out wait);

    /// <summary>Whether somebody who was sent away by the pace has not come back yet, as far as he keeps to his moment.</summary>
    public bool IsReturning
    {
        get
        {
            lock (_lock)
                return _promised != 0 && time.GetElapsedTime(_promised) < Soonest;
        }
    }

    /// <summary>
    /// Paces accepts over all devices, so that a returning fleet does not starve those already here. Whoever is refused is
    /// promised a moment of its own: each later than the one before, so that they come back in no second wave.
    /// </summary>
    public bool TryAny(out TimeSpan wait)
    {
        lock (_lock)
        {
            if (_all.TryTake(time, out wait))
                return true;
            var now = time.GetTimestamp();
            var step = (long)(time.TimestampFrequency / (double)limits.HandshakesPerSecond);
            _promised = Math.Max(_promised, now) + step;
            wait = Soonest + time.GetElapsedTime(now, _promised);
            if (wait > Latest)
                _promised = now;
            return false;
        }
    }
}
