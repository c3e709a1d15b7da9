using System.Collections.Concurrent;
using IoTGateway.Devices;

namespace IoTGateway.Links;

/// <summary>The live links: one per device, and as many as the limit allows.</summary>
internal sealed class LinkTable
{
    private readonly ConcurrentDictionary<string, DeviceSession> _sessions = new();
    private readonly int _limit;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;

    public LinkTable(LimitsOptions limits, DeviceRegistry registry, GatewayMetrics metrics)
    {
        _limit = limits.Connections;
        registry.Revoked += (_, device) => Find(device)?.Close(LinkEnd.Revoked);
        metrics.Gauge("iotgw_links", "Device links open now", () => _open);
    }

    public int Count => Volatile.Read(ref _open);

    public bool IsFull => Count >= _limit;

    public bool IsDraining { get; private set; }

    public DeviceSession? Find(string device) => _sessions.GetValueOrDefault(device);

    /// <summary>Takes a link in; an older one of the same device is replaced.</summary>
    public void Add(DeviceSession session)
    {
        Interlocked.Increment(ref _open);
        DeviceSession? older = null;
        _sessions.AddOrUpdate(
            session.Device,
            session,
            (_, current) =>
            {
                older = current;
                return session;
            }
        );
        older?.Close(LinkEnd.Replaced);
        // One that slipped in while the gateway began to stop must not be forgotten.
        if (IsDraining)
            session.Close(LinkEnd.Shutdown);
    }

    /// <summary>Lets a link go.</summary>
    /// <returns>False where a newer link of the device has taken its place.</returns>
    public bool Remove(DeviceSession session)
    {
        var current = _sessions.TryRemove(new KeyValuePair<string, DeviceSession>(session.Device, session));
        if (Interlocked.Decrement(ref _open) == 0 && IsDraining)
            _empty.TrySetResult();
        return current;
    }

    /// <summary>Refuses new links, asks the devices to come back later, and waits until all have gone.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        IsDraining = true;
        foreach (var session in _sessions.Values)
        {
            // Spread over ten seconds, so that a restart is not met by everybody at once.
            session.SendRetryAfter((uint)Random.Shared.Next(1_000, 10_000));
            session.Close(LinkEnd.Shutdown);
        }
        if (Count == 0)
            return;
        await _empty.Task.WaitAsync(cancellationToken);
    }
}
