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
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Signal _retry = new();
    private volatile JournalHealth _health = JournalHealth.Ok;
    private volatile bool _stopping;
    private Task _loop = Task.CompletedTask;

    public JournalHealth Health => _health;

    public void Start() => _loop = Task.Run(RunAsync);

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
        await _loop;
        output.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await queue.Work.WaitAsync();
            var last = _stopping; // read first: whatever was queued before the stop is in the batch taken after it
            var batch = queue.Take();
            if (!batch.IsEmpty)
                await CommitAsync(batch);
            retention.Trim();
            if (last)
                return;
        }
    }

    private async ValueTask CommitAsync(PendingBatch batch)
    {
        while (!TryCommit(batch))
        {
            if (_stopping)
            {
                counters.CountUnacknowledged(batch.Receipts.Length);
                JournalLog.GaveUp(logger, batch.Receipts.Length, _health.Reason);
                batch.Clear();
                return;
            }
            await _retry.WaitAsync(RetryDelay, time);
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
                counters.CountFailedAcknowledgement();
                JournalLog.AcknowledgeFailed(logger, fault);
            }
        }
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
