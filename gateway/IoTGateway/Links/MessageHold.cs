namespace IoTGateway.Links;

/// <summary>
/// Messages of one link that were read while one before them waits, in their order. Bounded by what a device may have
/// unacknowledged, and for all links together by <see cref="HeldBytes.Most"/>: when it is full, reading waits.
/// </summary>
internal sealed class MessageHold(HeldBytes all, int most) : IDisposable
{
    private readonly Queue<byte[]> _messages = new();

    public bool IsFull => _messages.Count >= most || all.IsFull;

    public void Add(ReadOnlyMemory<byte> message)
    {
        all.Add(message.Length);
        _messages.Enqueue(message.ToArray());
    }

    public bool TryTake(out ReadOnlyMemory<byte> message)
    {
        var isThere = _messages.TryDequeue(out var taken);
        message = taken;
        all.Add(-message.Length);
        return isThere;
    }

    /// <summary>Lets go what is left: no device was told that it is safe.</summary>
    public void Dispose()
    {
        while (TryTake(out _)) { }
    }
}

/// <summary>How much the holds of all links have.</summary>
internal sealed class HeldBytes
{
    public const long Most = 64L << 20;

    private long _bytes;

    public bool IsFull => Volatile.Read(ref _bytes) >= Most;

    public void Add(int bytes) => Interlocked.Add(ref _bytes, bytes);
}
