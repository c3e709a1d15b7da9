using IoTGateway.Security;

namespace IoTGateway.Links.Requests;

/// <summary>Finds the link that a request belongs to, or begins one.</summary>
internal sealed class PolledLinks
{
    private readonly LinkServices _services;
    private readonly SenderCheck _sender;
    private readonly AttemptLimiter _attempts;
    private readonly ReturnSpread _spread;
    private readonly Lock _lock = new();
    private int _held;

    public PolledLinks(LinkServices services, SenderCheck sender, AttemptLimiter attempts, ReturnSpread spread)
    {
        (_services, _sender, _attempts, _spread) = (services, sender, attempts, spread);
        services.Metrics.Gauge("iotgw_requests_held", "Requests of devices held now", () => _held);
    }

    /// <summary>Begins an exchange on the device's link.</summary>
    /// <param name="request">What the device asks for.</param>
    /// <param name="epoch">Which boot of it speaks: another than before begins anew.</param>
    /// <param name="isNew">Whether this request has begun the link.</param>
    /// <param name="refused">Why not, where it is null.</param>
    public Exchange? Begin(DeviceRequest request, uint epoch, out bool isNew, out HandshakeAnswer? refused)
    {
        (isNew, refused) = (false, null);
        if (Find(request, epoch) is { } known)
            return known;
        lock (_lock)
        {
            // Another request of the device may have been first.
            if (Find(request, epoch) is { } just)
                return just;
            if (!_attempts.TryDevice(request.Device, out var wait))
                refused = SenderCheck.TooMany("new links", wait);
            refused ??= _sender.Pace() ?? _sender.Enter(request.Device);
            if (refused is not null)
                return null;
            isNew = true;
            var link = new PolledLink(request.Device, epoch, _services);
            var exchange = new Exchange(link, request, _services);
            link.TryBegin(exchange);
            link.Begin();
            return exchange;
        }
    }

    /// <summary>Counts a request as held.</summary>
    /// <returns>False where as many are as may be.</returns>
    public bool TryHold()
    {
        if (Interlocked.Increment(ref _held) <= _services.Limits.HeldRequests)
            return true;
        LetGo();
        return false;
    }

    /// <summary>When one comes back that cannot be held.</summary>
    public TimeSpan ComeBackAfter() => _spread.Next(devices: 0);

    public void LetGo() => Interlocked.Decrement(ref _held);

    private Exchange? Find(DeviceRequest request, uint epoch)
    {
        if (_services.Links.FindLink(request.Device) is not PolledLink link || link.Epoch != epoch)
            return null;
        var exchange = new Exchange(link, request, _services);
        return link.TryBegin(exchange) ? exchange : null;
    }
}
