using System.Collections.Concurrent;
using IoTGateway.Devices;

namespace IoTGateway.Links;

/// <summary>The live links: one per device, and as many as the limit allows.</summary>
internal sealed class LinkTable
{
    private readonly ConcurrentDictionary<string, IDeviceLink> _links = new();
    private readonly ConcurrentDictionary<string, int> _entering = new();
    private readonly int _limit;
    private readonly ReturnSpread _spread;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;

    public LinkTable(LimitsOptions limits, ReturnSpread spread, DeviceRegistry registry, GatewayMetrics metrics)
    {
        (_limit, _spread) = (limits.Connections, spread);
        registry.Revoked += (_, device) => FindLink(device)?.Close(LinkEnd.Revoked);
        metrics.Gauge("iotgw_links", "Device links open now", () => _open);
    }

    public int Count => Volatile.Read(ref _open);

    /// <summary>No place is left for this device. One whose old link is dead and not yet known to be takes its own.</summary>
    public bool IsFullFor(string device) => Count >= _limit && !HasPlace(device);

    public bool IsDraining { get; private set; }

    /// <summary>Who takes what comes for a device now; null where nobody does.</summary>
    public DeviceSession? Find(string device) => FindLink(device)?.Listener;

    public IDeviceLink? FindLink(string device) => _links.GetValueOrDefault(device);

    /// <summary>Takes a place before the upgrade, so that handshakes at the same moment cannot share the last one.</summary>
    /// <returns>False where none is left.</returns>
    public bool TryEnter(string device)
    {
        if (Interlocked.Increment(ref _open) > _limit && !HasPlace(device))
        {
            Release();
            return false;
        }
        _entering.AddOrUpdate(device, 1, (_, count) => count + 1);
        return true;
    }

    /// <summary>Gives a place back that never became a link.</summary>
    public void Leave(string device)
    {
        Entered(device);
        Release();
    }

    /// <summary>Takes a link in, which has its place already; an older one of the same device is replaced.</summary>
    public void Add(IDeviceLink link)
    {
        IDeviceLink? older = null;
        _links.AddOrUpdate(
            link.Device,
            link,
            (_, current) =>
            {
                older = current;
                return link;
            }
        );
        Entered(link.Device);
        older?.Close(LinkEnd.Replaced);
        // One that slipped in while the gateway began to stop must not be forgotten.
        if (IsDraining)
            link.Close(LinkEnd.Shutdown);
    }

    /// <summary>Lets a link go.</summary>
    /// <returns>False where a newer link of the device has taken its place.</returns>
    public bool Remove(IDeviceLink link)
    {
        var current = _links.TryRemove(new KeyValuePair<string, IDeviceLink>(link.Device, link));
        Release();
        return current;
    }

    /// <summary>Has each WebSocket look whether its device is silent.</summary>
    public void Beat(long timestamp)
    {
        foreach (var (_, link) in _links)
            (link as WebSocketLink)?.Beat(timestamp);
    }

    /// <summary>Refuses new links, asks the devices to come back later, and waits until all have gone.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        IsDraining = true;
        var all = Count;
        foreach (var link in _links.Values)
        {
            link.SendRetryAfter((uint)_spread.Next(all).TotalMilliseconds);
            link.Close(LinkEnd.Shutdown);
        }
        if (Count == 0)
            return;
        await _empty.Task.WaitAsync(cancellationToken);
    }

    /// <summary>A device has one from the answer 101 on, which it hears before its link is in the table.</summary>
    private bool HasPlace(string device) => _links.ContainsKey(device) || _entering.ContainsKey(device);

    private void Entered(string device)
    {
        if (_entering.AddOrUpdate(device, 0, (_, count) => count - 1) == 0)
            _entering.TryRemove(KeyValuePair.Create(device, 0));
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _open) == 0 && IsDraining)
            _empty.TrySetResult();
    }
}
