namespace IoTGateway.Sinks;

/// <summary>One sink's state, for metrics, the readiness answer and the dashboard.</summary>
/// <param name="Name">The sink.</param>
/// <param name="Trouble">Null when well.</param>
/// <param name="Position">Journal offset up to which everything is stored.</param>
/// <param name="LagBytes">Journal bytes behind that.</param>
/// <param name="Behind">Age of the oldest message in hand that is not stored; zero when caught up.</param>
/// <param name="Batches">Batches accepted.</param>
/// <param name="Retries">Batches kept, each time.</param>
/// <param name="LastError">The last reason to keep, even after it has passed; null if there was none.</param>
/// <param name="Counters">Rows, readings, rejects and skips.</param>
internal readonly record struct SinkReport(
    string Name,
    SinkTrouble? Trouble,
    long Position,
    long LagBytes,
    TimeSpan Behind,
    long Batches,
    long Retries,
    string? LastError,
    SinkCounters Counters
)
{
    /// <summary>Null when well; else which sink, what is wrong, what to do, and since when, for a person.</summary>
    public string? Problem => Trouble is { } trouble ? $"{trouble.Reason} (since {trouble.Since:u})" : null;
}

/// <summary>Why a sink stores nothing.</summary>
/// <param name="Since">When it began.</param>
/// <param name="Reason">The sink, what is wrong and what to do, for a person.</param>
internal sealed record SinkTrouble(DateTimeOffset Since, string Reason);
