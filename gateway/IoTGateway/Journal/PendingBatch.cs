namespace IoTGateway.Journal;

/// <summary>Encoded records that wait for one write and one sync, and whom to tell after it. Reused for ever.</summary>
internal sealed class PendingBatch
{
    private const int FirstBytes = 64 * 1024;
    private const int FirstReceipts = 256;

    private byte[] _buffer = new byte[FirstBytes];
    private Receipt[] _receipts = new Receipt[FirstReceipts];
    private int _receiptCount;

    public int Bytes { get; private set; }

    public int Records { get; private set; }

    public bool IsEmpty => _receiptCount == 0;

    public Span<byte> Written => _buffer.AsSpan(0, Bytes);

    public ReadOnlySpan<Receipt> Receipts => _receipts.AsSpan(0, _receiptCount);

    public void AddRecord(in JournalEntry entry, ReadOnlySpan<byte> body)
    {
        var total = RecordFormat.MessageBytes(entry.Device.Length, body.Length);
        if (Bytes + total > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Bytes + total));
        RecordFormat.WriteMessage(_buffer.AsSpan(Bytes), entry, body);
        Bytes += total;
        Records++;
    }

    public void AddReceipt(in Receipt receipt)
    {
        if (_receiptCount == _receipts.Length)
            Array.Resize(ref _receipts, _receiptCount * 2);
        _receipts[_receiptCount++] = receipt;
    }

    public void Clear()
    {
        _receipts.AsSpan(0, _receiptCount).Clear();
        (Bytes, Records, _receiptCount) = (0, 0, 0);
    }
}

/// <summary>What to do when the batch is durable. <see cref="Marks"/> is null where there is nothing to mark.</summary>
internal readonly record struct Receipt(
    DeviceWatermarks? Marks,
    uint Epoch,
    uint Sequence,
    Action<uint, uint>? Acknowledge
);
