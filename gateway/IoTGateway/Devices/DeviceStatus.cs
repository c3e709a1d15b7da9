using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using IoTGateway.Links;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Devices;

/// <summary>What is known of a device since this process started; the link writes it, the API reads it.</summary>
internal sealed class DeviceStatus
{
    private const int MostBootTimes = 16;

    private readonly Dictionary<uint, long> _bootTimes = [];
    private readonly ConcurrentDictionary<string, Ack> _stored = new();
    private volatile StrongBox<Reported>? _reported;
    private object? _link;
    private long _messages;
    private long _readings;
    private long _refused;
    private long _rowsDropped;
    private ulong _acknowledged;

    public bool Online { get; private set; }

    /// <summary>Since when it is online or offline, Unix milliseconds; 0 while it was never here.</summary>
    public long SinceMs { get; private set; }

    /// <summary>How its last link ended.</summary>
    public LinkEnd? LastEnd { get; private set; }

    /// <summary>The device's clock minus the gateway's, in milliseconds, at the last HELLO; null without a clock.</summary>
    public long? ClockSkewMs { get; set; }

    /// <summary>Settings as the device last said it applies them.</summary>
    public Reported? Reported
    {
        get => _reported?.Value;
        set => _reported = value is { } reported ? new StrongBox<Reported>(reported) : null;
    }

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

    /// <summary>The newest message that each sink has stored.</summary>
    public IReadOnlyDictionary<string, Ack> Stored => _stored;

    public void SetStored(string sink, Ack message) => _stored[sink] = message;

    /// <summary>When an epoch booted, as Unix milliseconds, where a HELLO told or an estimate was made.</summary>
    public long? FindBootTime(uint epoch)
    {
        lock (_bootTimes)
            return _bootTimes.TryGetValue(epoch, out var ms) ? ms : null;
    }

    public void SetBootTime(uint epoch, long unixMs)
    {
        lock (_bootTimes)
        {
            if (_bootTimes.Count >= MostBootTimes && !_bootTimes.ContainsKey(epoch))
                _bootTimes.Remove(_bootTimes.Keys.Min());
            _bootTimes[epoch] = unixMs;
        }
    }

    /// <summary>A link begins; from now on it alone can take the device offline.</summary>
    public void SetOnline(object link, long nowMs)
    {
        lock (_stored)
            (_link, Online, SinceMs) = (link, true, nowMs);
    }

    /// <summary>A link has ended; nothing changes where a newer one has begun.</summary>
    public void SetOffline(object link, long nowMs, LinkEnd end)
    {
        lock (_stored)
        {
            if (_link == link)
                (_link, Online, SinceMs, LastEnd) = (null, false, nowMs, end);
        }
    }

    public void Received(int readings)
    {
        Interlocked.Increment(ref _messages);
        Interlocked.Add(ref _readings, readings);
    }

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountDropped(ulong rows) => Interlocked.Add(ref _rowsDropped, (long)Math.Min(rows, long.MaxValue));
}

/// <summary>The status of every device that was here since this process started.</summary>
internal sealed class DeviceStatuses
{
    private static readonly DeviceStatus NeverSeen = new();

    private readonly ConcurrentDictionary<string, DeviceStatus> _byId = new();

    /// <summary>For the link, which writes.</summary>
    public DeviceStatus Of(string device) => _byId.GetOrAdd(device, static _ => new DeviceStatus());

    /// <summary>For whoever reads.</summary>
    public DeviceStatus Peek(string device) => _byId.GetValueOrDefault(device, NeverSeen);

    public void Forget(string device) => _byId.TryRemove(device, out _);
}
