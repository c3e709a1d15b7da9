namespace IoTGateway.Journal;

/// <summary>One sink's place in the journal. It has one reader; nothing behind its position is lost until it moves.</summary>
internal sealed class JournalCursor(CursorState state, JournalReader reader, TelemetryJournal journal, long storeEvery)
    : IDisposable
{
    private long _lastReceivedUnixMs = state.ReceivedUnixMs;
    private bool _disposed;

    public string Name => state.Name;

    /// <summary>Where the next read starts.</summary>
    public JournalOffset Position => new(reader.Position);

    /// <summary>What is dealt with: after a restart reading goes on here.</summary>
    public JournalOffset Committed => new(state.Position);

    /// <summary>Durable bytes that are not committed yet.</summary>
    public long LagBytes => Math.Max(0, journal.DurableEnd.Value - state.Position);

    /// <summary>
    /// Fills the batch from the read position on and moves it to <see cref="JournalBatch.End"/>. Returns the number of
    /// records; it may be 0 although <see cref="WaitAsync"/> returned (there was only damage, or the journal's own
    /// records): commit the end and go on.
    /// </summary>
    public int Read(JournalBatch batch, int maxBytes)
    {
        var count = reader.Read(batch, maxBytes);
        if (count > 0)
            _lastReceivedUnixMs = batch[count - 1].ReceivedUnixMs;
        return count;
    }

    /// <summary>Returns when there is something behind the read position.</summary>
    public ValueTask WaitAsync(CancellationToken cancel) => reader.WaitAsync(cancel);

    /// <summary>Stores the position (one sync), then lets segments go. Throws IOException: then nothing moved.</summary>
    public void Commit(JournalOffset offset)
    {
        Require(offset);
        state.MoveDurably(offset.Value, _lastReceivedUnixMs);
        journal.CursorMoved();
    }

    /// <summary>
    /// For an owner that stores the position itself, in one transaction with its data: lets segments go. Call it only
    /// with a position that would survive a power cut where the owner keeps it.
    /// </summary>
    public void Release(JournalOffset offset)
    {
        Require(offset);
        state.Move(offset.Value, _lastReceivedUnixMs, storeEvery);
        journal.CursorMoved();
    }

    /// <summary>Reads again what is not committed.</summary>
    public void Rewind() => reader.Position = state.Position;

    /// <summary>Reads again from an earlier record, or from the oldest there is. Takes the offset of a record.</summary>
    public void ResetTo(JournalOffset offset)
    {
        var target = Math.Clamp(offset.Value, Math.Min(journal.OldestOffset.Value, reader.Position), reader.Position);
        state.MoveDurably(target, 0);
        reader.Position = target;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        reader.Dispose();
        journal.Close(state);
    }

    private void Require(JournalOffset offset)
    {
        if (offset.Value > reader.Position || offset < Committed)
            throw new ArgumentOutOfRangeException(
                nameof(offset),
                $"Cursor '{Name}' has read up to {reader.Position} and committed {Committed}: it cannot commit {offset}."
            );
    }
}
