using System.Collections.Concurrent;
using IoTGateway.Links;
using IoTGateway.Protocol.Messages;
using IoTGateway.Security;

namespace IoTGateway.Devices;

/// <summary>
/// What is known of a device since this process started; the link writes it, the API reads it. There is one for each device,
/// and most devices are idle: what has not happened takes no memory.
/// </summary>
internal sealed partial class DeviceStatus(string device = "", DeviceStatuses? all = null)
{
    private const int MostChanges = 32;

    private readonly Lock _lock = new();
    private (string Sink, Ack Message)[] _stored = [];
    private PresenceChange[] _changes = [];
    private TokenBucket? _rate;
    private object? _link;
    private int _requests;
    private long _messages;
    private long _readings;
    private long _refused;
    private long _rowsDropped;
    private ulong _acknowledged;

    /// <summary>Whether it is online.</summary>
    public bool Online { get; private set; }

    /// <summary>Since when it is online or offline, Unix milliseconds; 0 while it was never here.</summary>
    public long SinceMs { get; private set; }

    /// <summary>How its last link ended.</summary>
    public LinkEnd? LastEnd { get; private set; }

    public long Messages => Volatile.Read(ref _messages);

    public long Readings => Volatile.Read(ref _readings);

    public long Refused => Volatile.Read(ref _refused);

    public long RowsDropped => Volatile.Read(ref _rowsDropped);

    /// <summary>The last receipt given.</summary>
    public Ack Acknowledged
    {
        get
        {
            var both = Volatile.Read(ref _acknowledged);
            return new Ack((uint)(both >> 32), (uint)both);
        }
        set => Volatile.Write(ref _acknowledged, ((ulong)value.Epoch << 32) | value.Sequence);
    }

    /// <summary>
    /// Whether one more message keeps to the device's rate, with ten times that in a burst. It is the device's and not the
    /// link's: coming back gives no new burst.
    /// </summary>
    public bool TryTakeMessage(int perSecond, TimeProvider time)
    {
        lock (_lock)
        {
            var rate = _rate ?? new TokenBucket(perSecond, perSecond * 10.0);
            var taken = rate.TryTake(time, out _);
            _rate = rate;
            return taken;
        }
    }

    /// <summary>Counts a request as under way, where fewer than <paramref name="most"/> are.</summary>
    public bool TryBeginRequest(int most)
    {
        if (Interlocked.Increment(ref _requests) <= most)
            return true;
        EndRequest();
        return false;
    }

    public void EndRequest() => Interlocked.Decrement(ref _requests);

    /// <summary>The newest message that each sink has stored.</summary>
    public IReadOnlyDictionary<string, Ack> Stored
    {
        get
        {
            lock (_lock)
                return _stored.ToDictionary(stored => stored.Sink, stored => stored.Message);
        }
    }

    public void SetStored(string sink, Ack message)
    {
        lock (_lock)
        {
            foreach (ref var stored in _stored.AsSpan())
            {
                if (stored.Sink != sink)
                    continue;
                stored.Message = message;
                return;
            }
            _stored = [.. _stored, (sink, message)];
        }
    }

    /// <summary>A link begins; from now on it alone can take the device offline.</summary>
    public void SetOnline(object link, long nowMs)
    {
        lock (_lock)
        {
            (_link, Online, SinceMs) = (link, true, nowMs);
            Remember(new PresenceChange(nowMs, null));
        }
        all?.TellPresence(device);
    }

    /// <summary>A link has ended; nothing changes where a newer one has begun.</summary>
    public void SetOffline(object link, long nowMs, LinkEnd end)
    {
        lock (_lock)
        {
            if (_link != link)
                return;
            (_link, Online, SinceMs, LastEnd) = (null, false, nowMs, end);
            Remember(new PresenceChange(nowMs, end));
        }
        all?.TellPresence(device);
    }

    /// <summary>When links began and ended, newest first; the last 32 changes.</summary>
    public IReadOnlyList<PresenceChange> Changes()
    {
        lock (_lock)
            return [.. _changes.AsEnumerable().Reverse()];
    }

    private void Remember(PresenceChange change) => _changes = [.. _changes.TakeLast(MostChanges - 1), change];

    public void Received(int readings)
    {
        Interlocked.Increment(ref _messages);
        Interlocked.Add(ref _readings, readings);
    }

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountDropped(ulong rows) => Interlocked.Add(ref _rowsDropped, (long)Math.Min(rows, long.MaxValue));
}

/// <summary>A link of a device began, or ended.</summary>
/// <param name="AtMs">Unix milliseconds.</param>
/// <param name="End">How it ended; null where it began.</param>
internal readonly record struct PresenceChange(long AtMs, LinkEnd? End);

/// <summary>The status of every device that was here since this process started.</summary>
internal sealed class DeviceStatuses
{
    private static readonly DeviceStatus NeverSeen = new();

    private readonly ConcurrentDictionary<string, DeviceStatus> _byId = new();

    /// <summary>Raised with a device's id after it went online or offline, by its link: do not keep it waiting.</summary>
    public event Action<string>? PresenceChanged;

    /// <summary>For the link, which writes.</summary>
    public DeviceStatus Of(string device) =>
        _byId.GetOrAdd(device, static (id, all) => new DeviceStatus(id, all), this);

    /// <summary>For whoever reads.</summary>
    public DeviceStatus Peek(string device) => _byId.GetValueOrDefault(device, NeverSeen);

    /// <summary>Told by a device's status.</summary>
    public void TellPresence(string device) => PresenceChanged?.Invoke(device);

    public void Forget(string device) => _byId.TryRemove(device, out _);
}
