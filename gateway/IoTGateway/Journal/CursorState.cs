namespace IoTGateway.Journal;

/// <summary>What the journal knows of a cursor, whether a sink has opened it or not.</summary>
internal sealed class CursorState(string name, CursorFile file, long position, long receivedUnixMs)
{
    private readonly Lock _lock = new();
    private long _position = position;
    private long _received = receivedUnixMs;
    private long _stored = position;

    public string Name => name;

    /// <summary>Everything before it may be removed.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>When the gateway received the last record before <see cref="Position"/>; 0: not known.</summary>
    public long ReceivedUnixMs => Volatile.Read(ref _received);

    public bool IsOpen { get; set; }

    /// <summary>Moves when the position is on disk. Throws IOException, and has then not moved.</summary>
    public void MoveDurably(long position, long receivedUnixMs)
    {
        lock (_lock)
        {
            if (position != _stored)
                file.Write(position, receivedUnixMs);
            _stored = position;
            Set(position, receivedUnixMs);
        }
    }

    /// <summary>Moves now; stores it when it has moved by <paramref name="storeEvery"/> bytes.</summary>
    public void Move(long position, long receivedUnixMs, long storeEvery)
    {
        lock (_lock)
        {
            Set(position, receivedUnixMs);
            if (position - _stored >= storeEvery)
                TryStore();
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            if (_stored != Position)
                TryStore();
            file.Dispose();
        }
    }

    public void Remove()
    {
        lock (_lock)
            file.Delete();
    }

    private void Set(long position, long receivedUnixMs)
    {
        Volatile.Write(ref _position, position);
        Volatile.Write(ref _received, receivedUnixMs);
    }

    private void TryStore()
    {
        try
        {
            file.Write(Position, ReceivedUnixMs);
            _stored = Position;
        }
        catch (IOException)
        {
            // The owner keeps the true position. An older one here only keeps segments longer; the next move retries.
        }
    }
}
