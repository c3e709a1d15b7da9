using Microsoft.Extensions.Logging;

namespace IoTGateway.Journal;

/// <summary>
/// The one loop that writes: takes what has queued, writes and syncs it, and only then says so. While the disk works,
/// the next batch fills: the busier the gateway, the larger the batches.
/// </summary>
internal sealed class JournalWriter(
    PendingQueue queue,
    SegmentWriter output,
    SegmentList segments,
    DurableEnd durable,
    Retention retention,
    CursorTable cursors,
    JournalOptions options,
    JournalCounters counters,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>While few messages come, each waits for others; for so many times as long at most.</summary>
    private const int LongestGather = 10;

    /// <summary>Where so many come within one <c>Journal:Gather</c>, a longer wait would spare little.</summary>
    private const int ManyMessages = 64;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ThreadSignal _retry = new();
    private readonly ThreadSignal _gather = new();
    private volatile JournalHealth _health = JournalHealth.Ok;
    private volatile bool _stopping;
    private long _lastCommit;
    private Task _loop = Task.CompletedTask;

    public JournalHealth Health => _health;

    /// <inheritdoc cref="TelemetryJournal.Acknowledged"/>
    public event Action? Acknowledged;

    /// <summary>A thread of its own: it waits for the disk most of the time, and the pool's are few.</summary>
    public void Start() =>
        _loop = Task.Factory.StartNew(
            Run,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    /// <summary>A cursor moved: a segment may go, and a held batch may fit.</summary>
    public void CursorMoved()
    {
        queue.Work.Set();
        _retry.Set();
    }

    /// <summary>Writes what is queued, if the disk takes it, and ends.</summary>
    public async ValueTask StopAsync()
    {
        queue.Close();
        _stopping = true;
        queue.Work.Set();
        _retry.Set();
        _gather.Set();
        queue.Enough.Set();
        await _loop;
        output.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            Gather();
            queue.Work.Wait();
            var last = _stopping; // read first: whatever was queued before the stop is in the batch taken after it
            var batch = queue.Take();
            if (!batch.IsEmpty)
                Commit(batch);
            retention.Trim();
            if (last)
                return;
        }
    }

    /// <summary>
    /// A sync costs as much for one message as for fifty, and a receipt for one as much as for two: they wait a moment for each
    /// other. Before work is waited for, so that the first message to come wakes nobody.
    /// </summary>
    private void Gather()
    {
        if (_lastCommit == 0)
            return;
        if (IsLeft(options.Gather, out var left))
            _gather.Wait(left, time);
        var before = 0;
        for (var part = 2; part <= LongestGather; part++)
        {
            var messages = queue.Messages;
            if (messages - before >= ManyMessages)
                return;
            before = messages;
            while (queue.Messages < PendingQueue.EnoughMessages && IsLeft(options.Gather * part, out left))
                queue.Enough.Wait(left, time);
        }
    }

    private bool IsLeft(TimeSpan sinceCommit, out TimeSpan left)
    {
        left = sinceCommit - time.GetElapsedTime(_lastCommit);
        return left > TimeSpan.Zero && !_stopping;
    }

    private void Commit(PendingBatch batch)
    {
        _lastCommit = time.GetTimestamp();
        while (!TryCommit(batch))
        {
            if (_stopping)
            {
                counters.CountUnacknowledged(batch.Receipts.Length);
                JournalLog.GaveUp(logger, batch.Receipts.Length, _health.Reason);
                batch.Clear();
                return;
            }
            _retry.Wait(RetryDelay, time);
        }
        queue.MarkDurable(batch);
        durable.MoveTo(segments.Last?.End ?? durable.Value);
        Acknowledge(batch);
        batch.Clear();
    }

    private bool TryCommit(PendingBatch batch)
    {
        // Only duplicates: all they repeat is durable by now.
        if (batch.Bytes == 0)
            return true;
        try
        {
            if (!retention.TryMakeRoom(output.BytesNeeded(batch)))
            {
                Become(JournalHealth.Quota(segments.TotalBytes, options.MaxBytes, cursors.Slowest));
                return false;
            }
            var started = time.GetTimestamp();
            output.Write(batch);
            counters.CountBatch(batch, time.GetElapsedTime(started));
            Become(JournalHealth.Ok);
            return true;
        }
        // Whatever it is, the batch is not on disk, and the loop must live to write it.
        catch (Exception failure)
        {
            counters.CountFailedWrite();
            // History kept for a later sink is worth less than what a device has to deliver now.
            if (JournalHealth.IsDiskFull(failure))
                retention.TryRemoveOldest();
            Become(JournalHealth.Failed(failure));
            return false;
        }
    }

    private void Acknowledge(PendingBatch batch)
    {
        foreach (ref readonly var receipt in batch.Receipts)
        {
            try
            {
                receipt.Acknowledge?.Invoke(receipt.Epoch, receipt.Sequence);
            }
            // One session's fault must not stop the journal of all.
            catch (Exception fault)
            {
                Failed(fault);
            }
        }
        try
        {
            Acknowledged?.Invoke();
        }
        catch (Exception fault)
        {
            Failed(fault);
        }
    }

    private void Failed(Exception fault)
    {
        counters.CountFailedAcknowledgement();
        JournalLog.AcknowledgeFailed(logger, fault);
    }

    private void Become(JournalHealth health)
    {
        var before = _health;
        _health = health;
        if (health.IsOk && !before.IsOk)
            JournalLog.Recovered(logger);
        else if (!health.IsOk && before.IsOk)
            JournalLog.Stopped(logger, health.Reason);
    }
}
