namespace IoTGateway.Journal;

/// <summary>Since the start of this process.</summary>
internal sealed class JournalCounters
{
    private long _records;
    private long _bytes;
    private long _duplicates;
    private long _batches;
    private long _syncTicks;
    private long _failedWrites;
    private long _unacknowledged;
    private long _failedAcknowledgements;

    public long AppendedRecords => Interlocked.Read(ref _records);

    /// <summary>Bytes of the records made durable, as they are on disk.</summary>
    public long AppendedBytes => Interlocked.Read(ref _bytes);

    /// <summary>Messages that were acknowledged again but not stored again.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Writes that ended with a sync.</summary>
    public long Batches => Interlocked.Read(ref _batches);

    /// <summary>Time spent in writes and their syncs.</summary>
    public TimeSpan WriteTime => TimeSpan.FromTicks(Interlocked.Read(ref _syncTicks));

    public long FailedWrites => Interlocked.Read(ref _failedWrites);

    /// <summary>Messages given up unacknowledged at shutdown, because the disk took none: their devices have them.</summary>
    public long Unacknowledged => Interlocked.Read(ref _unacknowledged);

    /// <summary>Acknowledge delegates that threw.</summary>
    public long FailedAcknowledgements => Interlocked.Read(ref _failedAcknowledgements);

    internal void CountBatch(PendingBatch batch, TimeSpan took)
    {
        Interlocked.Add(ref _records, batch.Records);
        Interlocked.Add(ref _bytes, batch.Bytes);
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _syncTicks, took.Ticks);
    }

    internal void CountDuplicate() => Interlocked.Increment(ref _duplicates);

    internal void CountFailedWrite() => Interlocked.Increment(ref _failedWrites);

    internal void CountUnacknowledged(int messages) => Interlocked.Add(ref _unacknowledged, messages);

    internal void CountFailedAcknowledgement() => Interlocked.Increment(ref _failedAcknowledgements);
}
