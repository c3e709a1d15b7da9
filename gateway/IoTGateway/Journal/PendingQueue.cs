using System.Text;

namespace IoTGateway.Journal;

/// <summary>
/// Between many sessions and the one writer. Bounded: when it is full, appends wait, the sessions read on for a window at
/// most, and the devices keep their data.
/// </summary>
internal sealed class PendingQueue(Watermarks watermarks, JournalCounters counters, int maxBytes)
{
    /// <summary>So many messages are worth a sync, however slowly they come.</summary>
    public const int EnoughMessages = 400;

    // A duplicate costs a receipt but no bytes, so the receipts have a bound of their own.
    private readonly int _maxReceipts = Math.Max(1024, maxBytes / 64);
    private readonly Lock _lock = new();
    private PendingBatch _filling = new();
    private PendingBatch _spare = new();
    private TaskCompletionSource? _room;
    private bool _closed;

    /// <summary>Set when there is work for the writer.</summary>
    public ThreadSignal Work { get; } = new();

    /// <summary>Set when <see cref="EnoughMessages"/> wait, or as many as there is room for.</summary>
    public ThreadSignal Enough { get; } = new();

    /// <summary>Messages that wait; where there is no room for more, at least <see cref="EnoughMessages"/>.</summary>
    public int Messages
    {
        get
        {
            lock (_lock)
                return _room is null ? _filling.Receipts.Length : Math.Max(EnoughMessages, _filling.Receipts.Length);
        }
    }

    /// <summary>Completes when the message is queued, in order; not yet when it is on disk.</summary>
    public ValueTask AppendAsync(
        in JournalEntry entry,
        ReadOnlyMemory<byte> body,
        Action<uint, uint>? acknowledge,
        CancellationToken cancel
    )
    {
        Check(entry, body);
        if (cancel.IsCancellationRequested)
            return ValueTask.FromCanceled(cancel);
        return TryAppend(entry, body.Span, acknowledge, out var room)
            ? default
            : AppendWhenRoomAsync(room, entry, body, acknowledge, cancel);
    }

    public uint LastDurable(string device, uint epoch)
    {
        lock (_lock)
            return watermarks.Durable(device, epoch);
    }

    /// <summary>Everything queued so far. The batch taken before must be finished: there are only two.</summary>
    public PendingBatch Take()
    {
        TaskCompletionSource? room;
        PendingBatch taken;
        lock (_lock)
        {
            taken = _filling;
            _filling = _spare;
            _spare = taken;
            room = _room;
            _room = null;
        }
        room?.SetResult();
        return taken;
    }

    public void MarkDurable(PendingBatch batch)
    {
        lock (_lock)
            foreach (ref readonly var receipt in batch.Receipts)
                receipt.Marks?.MarkDurable(receipt.Epoch, receipt.Sequence);
    }

    public byte[] Snapshot(long previousEnd)
    {
        lock (_lock)
            return WatermarkSnapshot.Build(watermarks, previousEnd);
    }

    /// <summary>No append succeeds after this; what is queued stays for the writer.</summary>
    public void Close()
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            _closed = true;
            room = _room;
            _room = null;
        }
        room?.SetResult();
        Work.Set();
    }

    private static void Check(in JournalEntry entry, ReadOnlyMemory<byte> body)
    {
        var device = entry.Device;
        if (device.Length is 0 or > RecordFormat.MaxDeviceIdBytes || !Ascii.IsValid(device))
            throw new ArgumentException(
                $"A device id has 1 to {RecordFormat.MaxDeviceIdBytes} ASCII characters.",
                nameof(entry)
            );
        if (body.Length is 0 or > RecordFormat.MaxBodyBytes)
            throw new ArgumentException(
                $"A message has 1 to {RecordFormat.MaxBodyBytes} bytes, not {body.Length}.",
                nameof(body)
            );
    }

    /// <summary>False: the queue is full; await <paramref name="room"/> and try again.</summary>
    private bool TryAppend(
        in JournalEntry entry,
        ReadOnlySpan<byte> body,
        Action<uint, uint>? acknowledge,
        out Task room
    )
    {
        bool isEnough;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(TelemetryJournal));
            var needed = RecordFormat.MessageBytes(entry.Device.Length, body.Length);
            if (_filling.Bytes + needed > maxBytes || _filling.Receipts.Length == _maxReceipts)
            {
                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
                Enough.Set();
                return false;
            }
            if (RecordFormat.IsForget(entry.Epoch, body))
                watermarks.Forget(entry.Device);
            var marks = entry.Epoch == 0 ? null : watermarks.For(entry.Device);
            // A duplicate may repeat a message that is still being synced: its receipt goes behind that one's batch.
            if (marks is not null && !marks.TryQueue(entry.Epoch, entry.Sequence))
            {
                marks = null;
                counters.CountDuplicate();
            }
            else
                _filling.AddRecord(entry, body);
            _filling.AddReceipt(new Receipt(marks, entry.Epoch, entry.Sequence, acknowledge));
            isEnough = _filling.Receipts.Length == EnoughMessages;
        }
        Work.Set();
        if (isEnough)
            Enough.Set();
        room = Task.CompletedTask;
        return true;
    }

    private async ValueTask AppendWhenRoomAsync(
        Task room,
        JournalEntry entry,
        ReadOnlyMemory<byte> body,
        Action<uint, uint>? acknowledge,
        CancellationToken cancel
    )
    {
        do await room.WaitAsync(cancel);
        while (!TryAppend(entry, body.Span, acknowledge, out room));
    }
}
