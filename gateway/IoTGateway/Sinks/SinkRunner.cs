using IoTGateway.Devices;
using IoTGateway.Journal;
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
    private readonly JournalBatch _batch = new();
    private JournalCursor? _cursor;
    private long _lastRead;
    private bool _wasFull;
    private long _batches;
    private long _retries;
    private long _inHandSince;
    private volatile Trouble? _trouble;
    private volatile string? _lastError;

    /// <summary>The state now; callable from anywhere.</summary>
    public SinkReport Report()
    {
        var cursor = Volatile.Read(ref _cursor);
        var since = Interlocked.Read(ref _inHandSince);
        var behind = since == 0 ? 0 : clock.GetUtcNow().ToUnixTimeMilliseconds() - since;
        return new SinkReport(
            sink.Name,
            _trouble is { } trouble ? $"since {trouble.Since:u}: {trouble.Reason}" : null,
            cursor?.Committed.Value ?? 0,
            cursor?.LagBytes ?? 0,
            TimeSpan.FromMilliseconds(Math.Max(0, behind)),
            Interlocked.Read(ref _batches),
            Interlocked.Read(ref _retries),
            _lastError,
            sink.Counters
        );
    }

    /// <summary>Runs until cancelled, which is no error.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var cursor = journal.OpenCursor(sink.Name, sink.Position);
        Volatile.Write(ref _cursor, cursor);
        try
        {
            while (true)
            {
                await cursor.WaitAsync(cancellationToken);
                await PaceAsync(cancellationToken);
                await UntilDoneAsync(() => ReadAsync(cursor), cancellationToken);
                await UntilDoneAsync(() => StoreAsync(cursor, cancellationToken), cancellationToken);
                Interlocked.Exchange(ref _inHandSince, 0);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops; what is in hand comes again at the next start.
        }
    }

    /// <summary>Lets messages gather, unless there is a backlog.</summary>
    private async ValueTask PaceAsync(CancellationToken cancellationToken)
    {
        if (_wasFull || _lastRead == 0)
            return;
        var left = options.Linger - clock.GetElapsedTime(_lastRead);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, clock, cancellationToken);
    }

    private ValueTask<SinkVerdict> ReadAsync(JournalCursor cursor)
    {
        var from = cursor.Position.Value;
        cursor.Read(_batch, options.BatchBytes);
        _lastRead = clock.GetTimestamp();
        // The next record did not fit, or nearly: there is more.
        _wasFull = _batch.End.Value - from > options.BatchBytes / 2;
        if (_batch.Count > 0)
            Interlocked.Exchange(ref _inHandSince, _batch[0].ReceivedUnixMs);
        return ValueTask.FromResult(SinkVerdict.Accept);
    }

    private async ValueTask<SinkVerdict> StoreAsync(JournalCursor cursor, CancellationToken cancellationToken)
    {
        if (_batch.Count > 0)
        {
            var verdict = await sink.WriteAsync(_batch, cancellationToken);
            if (!verdict.Accepted)
                return verdict;
            Interlocked.Increment(ref _batches);
        }
        if (sink.Position is null)
            cursor.Commit(_batch.End);
        else
            cursor.Release(_batch.End);
        MarkStored();
        return SinkVerdict.Accept;
    }

    /// <summary>Lets whoever looks at a device see how far its messages have come.</summary>
    private void MarkStored()
    {
        foreach (ref readonly var record in _batch.Records)
        {
            if (record.Sequence != 0)
                statuses.Of(record.Device).SetStored(sink.Name, new Ack(record.Epoch, record.Sequence));
        }
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
            return SinkVerdict.Keep($"{sink.Name}: {failure.Message}; check the disk of the data folder");
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

    private void Kept(string reason, TimeSpan delay)
    {
        Interlocked.Increment(ref _retries);
        var before = _trouble;
        _lastError = reason;
        _trouble = new Trouble(before?.Since ?? clock.GetUtcNow(), reason);
        // The same reason again is no news; the health text shows it.
        if (before?.Reason != reason)
            LogKept(logger, sink.Name, reason, delay);
    }

    private void Recovered()
    {
        if (_trouble is not { } trouble)
            return;
        _trouble = null;
        LogRecovered(logger, sink.Name, clock.GetUtcNow() - trouble.Since, _cursor?.LagBytes ?? 0);
    }

    private sealed record Trouble(DateTimeOffset Since, string Reason);

    [LoggerMessage(2010, LogLevel.Warning, "{Sink} keeps its batch and retries in {Delay}: {Reason}")]
    private static partial void LogKept(ILogger logger, string sink, string reason, TimeSpan delay);

    [LoggerMessage(2011, LogLevel.Information, "{Sink} goes on after {Outage}, {LagBytes} journal bytes behind")]
    private static partial void LogRecovered(ILogger logger, string sink, TimeSpan outage, long lagBytes);

    [LoggerMessage(2012, LogLevel.Error, "{Sink}: a batch could not be written; it is kept")]
    private static partial void LogBroken(ILogger logger, Exception failure, string sink);
}
