using IoTGateway.Links;

namespace IoTGateway.Devices;

/// <summary>A device's clock beside the gateway's, and when it booted where it has none.</summary>
internal sealed partial class DeviceStatus
{
    private const int MostBootTimes = 16;

    private Dictionary<uint, (long UnixMs, long SkewMs)>? _bootTimes;
    private long? _clockSkewMs;
    private long _clockSkewSince;

    /// <summary>
    /// The device's clock minus the gateway's, in milliseconds: as HELLO said, and since then as its rows show; null without a
    /// clock.
    /// </summary>
    public long? ClockSkewMs
    {
        get
        {
            lock (_lock)
                return _clockSkewMs;
        }
    }

    /// <inheritdoc cref="ClockSkewMs"/>
    /// <param name="skewMs"><see cref="WallClock.SkewMs"/>: a gateway's clock that was set since is as much further off.</param>
    public long? FindClockSkew(long skewMs)
    {
        lock (_lock)
        {
            var step = skewMs - _clockSkewSince;
            return Math.Abs(step) > WallClock.SmallestStepMs ? _clockSkewMs - step : _clockSkewMs;
        }
    }

    public void SetClockSkew(long? deviceSkewMs, long skewMs)
    {
        lock (_lock)
            (_clockSkewMs, _clockSkewSince) = (deviceSkewMs, skewMs);
    }

    /// <summary>When an epoch booted, as Unix milliseconds, where a HELLO told or an estimate was made.</summary>
    /// <param name="epoch">Which boot.</param>
    /// <param name="skewMs"><see cref="WallClock.SkewMs"/>: a clock that was set since moves the boot along.</param>
    public long? FindBootTime(uint epoch, long skewMs)
    {
        lock (_lock)
        {
            if (_bootTimes is null || !_bootTimes.TryGetValue(epoch, out var boot))
                return null;
            var step = skewMs - boot.SkewMs;
            if (Math.Abs(step) > WallClock.SmallestStepMs)
                _bootTimes[epoch] = boot = (boot.UnixMs + step, skewMs);
            return boot.UnixMs;
        }
    }

    public void SetBootTime(uint epoch, long unixMs, long skewMs)
    {
        lock (_lock)
        {
            _bootTimes ??= [];
            if (_bootTimes.Count >= MostBootTimes && !_bootTimes.ContainsKey(epoch))
                _bootTimes.Remove(_bootTimes.Keys.Min());
            _bootTimes[epoch] = (unixMs, skewMs);
        }
    }
}
