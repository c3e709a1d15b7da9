namespace IoTGateway.Sinks;

/// <summary>What the loop tells of itself.</summary>
internal sealed partial class SinkRunner
{
    /// <summary>The state now; callable from anywhere.</summary>
    public SinkReport Report()
    {
        var cursor = Volatile.Read(ref _cursor);
        var stored = cursor is null ? 0 : Math.Max(Interlocked.Read(ref _stored), cursor.Committed.Value);
        var since = Interlocked.Read(ref _inHandSince);
        var behind = since == 0 ? 0 : clock.GetUtcNow().ToUnixTimeMilliseconds() - since;
        return new SinkReport(
            sink.Name,
            _trouble,
            stored,
            cursor is null ? 0 : Math.Max(0, journal.DurableEnd.Value - stored),
            TimeSpan.FromMilliseconds(Math.Max(0, behind)),
            Interlocked.Read(ref _batches),
            Interlocked.Read(ref _retries),
            _lastError,
            sink.Counters
        );
    }

    private void Kept(string reason, TimeSpan delay)
    {
        Interlocked.Increment(ref _retries);
        var before = _trouble;
        _lastError = reason;
        _trouble = new SinkTrouble(before?.Since ?? clock.GetUtcNow(), reason);
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

    [LoggerMessage(2010, LogLevel.Warning, "{Sink} keeps its batch and retries in {Delay}: {Reason}")]
    private static partial void LogKept(ILogger logger, string sink, string reason, TimeSpan delay);

    [LoggerMessage(2011, LogLevel.Information, "{Sink} goes on after {Outage}, {LagBytes} journal bytes behind")]
    private static partial void LogRecovered(ILogger logger, string sink, TimeSpan outage, long lagBytes);
}
