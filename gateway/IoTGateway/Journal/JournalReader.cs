namespace IoTGateway.Journal;

/// <summary>A read position that walks from segment to segment up to the durable end. One user at a time.</summary>
internal sealed class JournalReader(SegmentList segments, DurableEnd durable, DamageLog damages, long start)
    : IDisposable
{
    private readonly RecordReader _records = new(damages);
    private long _position = start;

    public long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    public int Read(JournalBatch batch, int maxBytes)
    {
        // Read before the search: a batch that lands during it must not be jumped over below.
        var durableBefore = durable.Value;
        var position = Position;
        batch.Clear(position);
        while (batch.Count == 0)
        {
            if (segments.After(position) is not { } segment)
            {
                // No file holds what lies between; without this a reader would wait for nothing, for ever.
                position = Math.Max(position, durableBefore);
                break;
            }
            position = _records.Read(segment, Math.Max(position, segment.Start), segment.End, batch, maxBytes);
        }
        Position = position;
        batch.End = new JournalOffset(position);
        return batch.Count;
    }

    public ValueTask WaitAsync(CancellationToken cancel) => durable.WaitBeyondAsync(Position, cancel);

    public void Dispose() => _records.Dispose();
}
