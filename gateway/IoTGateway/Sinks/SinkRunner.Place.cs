using IoTGateway.Journal;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks;

/// <summary>How the cursor follows what the sink has stored, and goes back where the database may have lost some.</summary>
internal sealed partial class SinkRunner
{
    /// <summary>Waits for records; what settles meanwhile lets the cursor move, so that a quiet journal is let go as well.</summary>
    private async ValueTask WaitAsync(JournalCursor cursor, CancellationToken cancellationToken)
    {
        while (_unsettled.Left is { } left)
        {
            if (left <= TimeSpan.Zero)
            {
                await UntilDoneAsync(() => ValueTask.FromResult(Settle(cursor, null)), cancellationToken);
                continue;
            }
            using var due = new CancellationTokenSource(left, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellationToken);
            try
            {
                await cursor.WaitAsync(either.Token);
                return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Something has settled.
            }
        }
        await cursor.WaitAsync(cancellationToken);
    }

    private SinkVerdict Settle(JournalCursor cursor, JournalOffset? accepted)
    {
        if (accepted is { } end)
            _unsettled.Accepted(end);
        if (_unsettled.TakeSettled() is { } settled)
            cursor.Commit(settled);
        return SinkVerdict.Accept;
    }

    /// <summary>The oldest batch is stored, unless the sink has lost its place.</summary>
    private SinkVerdict MoveOn(JournalCursor cursor)
    {
        if (_startOver is not null)
            return StartOver(cursor);
        var oldest = _inHand[0];
        var end = oldest.Batch.End;
        if (sink.Position is not null)
            cursor.Release(end);
        else if (_mayHaveForgotten)
            SendAgain(cursor, end);
        else
            Settle(cursor, end);
        MarkStored(oldest.Batch);
        // Empty where the cursor has gone back.
        if (_inHand.Remove(oldest))
            _free.Push(oldest);
        _sent = Math.Max(0, _sent - 1);
        Interlocked.Exchange(ref _stored, _inHand.Count > 0 ? end.Value : cursor.Position.Value);
        TellInHand();
        return SinkVerdict.Accept;
    }

    /// <summary>The database is back: what it had accepted shortly before is sent again, in case it was in memory only.</summary>
    private void SendAgain(JournalCursor cursor, JournalOffset end)
    {
        _mayHaveForgotten = false;
        _unsettled.Clear();
        if (sink.SettlesAfter > TimeSpan.Zero)
        {
            cursor.Rewind();
            DropInHand();
        }
        else
            cursor.Commit(end);
    }

    /// <summary>The sink goes on from its own place, or the oldest record.</summary>
    private SinkVerdict StartOver(JournalCursor cursor)
    {
        cursor.ResetTo(sink.Position ?? journal.OldestOffset);
        DropInHand();
        Interlocked.Exchange(ref _stored, -1);
        LogStartsOver(logger, sink.Name, _startOver);
        (_lastError, _startOver) = (_startOver, null);
        return SinkVerdict.Accept;
    }

    /// <summary>The batches are read again when their turn comes.</summary>
    private void DropInHand()
    {
        _inHand.ForEach(_free.Push);
        _inHand.Clear();
        _sent = 0;
        TellInHand();
    }

    /// <summary>Lets whoever looks at a device see how far its messages have come.</summary>
    private void MarkStored(JournalBatch batch)
    {
        foreach (ref readonly var record in batch.Records)
        {
            if (record.Sequence != 0)
                statuses.Of(record.Device).SetStored(sink.Name, new Ack(record.Epoch, record.Sequence));
        }
    }

    [LoggerMessage(2013, LogLevel.Error, "{Sink} reads the journal again from the oldest record on: {Reason}")]
    private static partial void LogStartsOver(ILogger logger, string sink, string? reason);
}
