using System.Data.Common;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Observability;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks;

/// <summary>
/// The one loop of a sink: reads batches behind its cursor, hands them over, and moves the cursor once they are stored.
/// A batch that is kept comes again until it is taken: nothing is skipped, and no failure ends the loop.
/// </summary>
internal sealed partial class SinkRunner(
    ISink sink,
    TelemetryJournal journal,
    DeviceStatuses statuses,
    SinkRunnerOptions options,
    TimeProvider clock,
    ILogger<SinkRunner> logger
)
{
    private readonly IPipelinedSink? _pipeline = sink as IPipelinedSink;
    private readonly Unsettled _unsettled = new(sink.SettlesAfter, clock);

    // What is read and not stored, the oldest first; of these so many, from the first on, are sent ahead.
    private readonly List<BatchInHand> _inHand = [];
    private readonly Stack<BatchInHand> _free = new();
    private int _sent;
    private JournalCursor? _cursor;
    private long _lastRead;
    private bool _wasFull;
    private long _batches;
    private long _retries;
    private long _inHandSince;
    private long _stored = -1;
    private bool _mayHaveForgotten;
    private string? _startOver;
    private volatile SinkTrouble? _trouble;
    private volatile string? _lastError;

    /// <summary>Runs until cancelled, which is no error.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        JournalCursor? cursor = null;
        try
        {
            await UntilDoneAsync(() => ValueTask.FromResult(Open(out cursor)), cancellationToken);
            if (cursor is null)
                return;
            while (true)
            {
                if (_inHand.Count == 0)
                {
                    await WaitAsync(cursor, cancellationToken);
                    await PaceAsync(cursor, cancellationToken);
                    await UntilDoneAsync(() => ValueTask.FromResult(Read(cursor)), cancellationToken);
                }
                await SendAheadAsync(cursor, cancellationToken);
                await UntilDoneAsync(() => StoreAsync(cancellationToken), cancellationToken);
                await UntilDoneAsync(() => ValueTask.FromResult(MoveOn(cursor)), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops; what is in hand comes again at the next start.
        }
        finally
        {
            if (_pipeline is not null)
                await _pipeline.AbandonAsync();
            cursor?.Dispose();
        }
    }

    /// <summary>A sink that keeps its own place may not know it yet: its database is locked, for one.</summary>
    private SinkVerdict Open(out JournalCursor cursor)
    {
        cursor = journal.OpenCursor(sink.Name, sink.Position);
        Volatile.Write(ref _cursor, cursor);
        return SinkVerdict.Accept;
    }

    /// <summary>Has the sink store the oldest batch.</summary>
    private async ValueTask<SinkVerdict> StoreAsync(CancellationToken cancellationToken)
    {
        var (batch, since) = (_inHand[0].Batch, _inHand[0].Since);
        if (batch.Count == 0)
            return SinkVerdict.Accept;
        // Unless it is accepted, what was sent behind it comes again as well.
        var sent = _sent;
        _sent = 0;
        var verdict = await sink.WriteAsync(batch, cancellationToken);
        // Off the thread of the sink's socket: a cursor waits for the disk.
        await Task.Yield();
        _mayHaveForgotten |= verdict.MayHaveForgotten;
        if (verdict.StartsOver)
        {
            _startOver = verdict.Reason ?? "it was lost";
            return SinkVerdict.Accept;
        }
        if (!verdict.Accepted)
            return verdict;
        _sent = sent;
        Tracing.Stored(sink.Name, batch, since, clock.GetUtcNow());
        Interlocked.Increment(ref _batches);
        return SinkVerdict.Accept;
    }

    private async Task UntilDoneAsync(Func<ValueTask<SinkVerdict>> attempt, CancellationToken cancellationToken)
    {
        for (var retry = 1; ; retry++)
        {
            var verdict = await TryAsync(attempt, cancellationToken);
            if (verdict.Accepted)
            {
                Recovered();
                return;
            }
            var delay = options.Delay(retry, verdict.RetryAfter, Random.Shared.NextDouble());
            Kept(verdict.Reason ?? "no reason given", delay);
            await Task.Delay(delay, clock, cancellationToken);
        }
    }

    private async ValueTask<SinkVerdict> TryAsync(
        Func<ValueTask<SinkVerdict>> attempt,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await attempt();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (IOException failure)
        {
            // What comes from a database says itself what to do.
            var next = failure.InnerException is DbException ? "" : "; check the disk of the data folder";
            return SinkVerdict.Keep($"{sink.Name}: {failure.Message}{next}");
        }
#pragma warning disable CA1031 // One sink's bug must neither end its loop nor lose a batch; it is logged as our error.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogBroken(logger, failure, sink.Name);
            return SinkVerdict.Keep(
                $"{sink.Name}: {failure.GetType().Name}: {failure.Message}; this is a bug, report it"
            );
        }
    }

    [LoggerMessage(2012, LogLevel.Error, "{Sink}: a batch could not be written; it is kept")]
    private static partial void LogBroken(ILogger logger, Exception failure, string sink);
}
