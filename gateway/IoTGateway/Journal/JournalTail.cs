namespace IoTGateway.Journal;

/// <summary>
/// Reads what becomes durable from now on. It is not stored and holds nothing back: if it falls behind a segment that
/// is removed, it goes on at the oldest record there is.
/// </summary>
internal sealed class JournalTail(JournalReader reader) : IDisposable
{
    public JournalOffset Position => new(reader.Position);

    /// <summary>Leaves out what lies before.</summary>
    public void SkipTo(JournalOffset offset) => reader.Position = Math.Max(reader.Position, offset.Value);

    /// <inheritdoc cref="JournalCursor.Read"/>
    public int Read(JournalBatch batch, int maxBytes) => reader.Read(batch, maxBytes);

    /// <inheritdoc cref="JournalCursor.WaitAsync"/>
    public ValueTask WaitAsync(CancellationToken cancel) => reader.WaitAsync(cancel);

    public void Dispose() => reader.Dispose();
}
