namespace IoTGateway.Journal;

/// <summary>What the journal keeps beside a message. Epoch 0: the message has no identity and is never deduplicated.</summary>
internal readonly record struct JournalEntry(
    string Device,
    long ReceivedUnixMs,
    uint CatalogHash,
    long ClockOffsetMs,
    uint Epoch,
    uint Sequence
);

/// <summary>A message read back. <see cref="Body"/> lies in the batch's buffer: it is valid until the next read.</summary>
internal readonly record struct JournalRecord(
    JournalOffset Offset,
    string Device,
    long ReceivedUnixMs,
    uint CatalogHash,
    long ClockOffsetMs,
    uint Epoch,
    uint Sequence,
    ReadOnlyMemory<byte> Body
)
{
    /// <summary>Only recovery asks for snapshots; they carry no device.</summary>
    internal bool IsSnapshot => Device.Length == 0;
}
