using IoTGateway.Journal;

namespace IoTGateway.Sinks;

/// <summary>What is read when, and for a sink that takes several batches at once, sent ahead.</summary>
internal sealed partial class SinkRunner
{
    /// <summary>Lets messages gather, unless there is a backlog.</summary>
    private async ValueTask PaceAsync(JournalCursor cursor, CancellationToken cancellationToken)
    {
        if (_lastRead == 0 || IsBehind(cursor))
            return;
        var left = options.Linger - clock.GetElapsedTime(_lastRead);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, clock, cancellationToken);
    }

    /// <summary>The last batch was full, or the next one would be nearly.</summary>
    private bool IsBehind(JournalCursor cursor)
    {
        var left = journal.DurableEnd.Value - cursor.Position.Value;
        return left > options.BatchBytes / 2 || (_wasFull && left > 0);
    }

    private SinkVerdict Read(JournalCursor cursor)
    {
        var next = _free.TryPop(out var free) ? free : new BatchInHand();
        var from = cursor.Position.Value;
        cursor.Read(next.Batch, options.BatchBytes);
        _lastRead = clock.GetTimestamp();
        next.Since = clock.GetUtcNow();
        // The next record did not fit, or nearly: there is more.
        _wasFull = next.Batch.End.Value - from > options.BatchBytes / 2;
        _inHand.Add(next);
        TellInHand();
        return SinkVerdict.Accept;
    }

    /// <summary>
    /// Where the sink takes several batches at once: sends what is in hand, and what a backlog holds behind it. A failure
    /// here is met again when the batch's turn comes.
    /// </summary>
    private async ValueTask SendAheadAsync(JournalCursor cursor, CancellationToken cancellationToken)
    {
        while (_pipeline is not null && _sent < _pipeline.BatchesAtOnce)
        {
            if (_sent == _inHand.Count)
            {
                if (
                    !IsBehind(cursor)
                    || !(await TryAsync(() => ValueTask.FromResult(Read(cursor)), cancellationToken)).Accepted
                )
                    return;
            }
            if (!(await TryAsync(() => SendNextAsync(_pipeline, cancellationToken), cancellationToken)).Accepted)
                return;
        }
    }

    private async ValueTask<SinkVerdict> SendNextAsync(IPipelinedSink pipeline, CancellationToken cancellationToken)
    {
        var next = _inHand[_sent];
        // Until it is sent nothing counts as sent: a failure takes those before it along.
        var sent = _sent;
        _sent = 0;
        if (next.Batch.Count > 0)
            await pipeline.SendAsync(next.Batch, cancellationToken);
        _sent = sent + 1;
        return SinkVerdict.Accept;
    }

    /// <summary>For the report: how old what is in hand is.</summary>
    private void TellInHand()
    {
        var oldest = _inHand.Find(one => one.Batch.Count > 0);
        Interlocked.Exchange(ref _inHandSince, oldest?.Batch[0].ReceivedUnixMs ?? 0);
    }

    /// <summary>A batch that was read and is not stored.</summary>
    private sealed class BatchInHand
    {
        public JournalBatch Batch { get; } = new();

        /// <summary>When it was read.</summary>
        public DateTimeOffset Since { get; set; }
    }
}
