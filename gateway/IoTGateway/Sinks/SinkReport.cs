namespace IoTGateway.Sinks;

/// <summary>One sink's state, for metrics, the readiness answer and the dashboard.</summary>
/// <param name="Name">The sink.</param>
/// <param name="Problem">Null when well; else what is wrong and what to do, for a person.</param>
/// <param name="Position">Journal offset up to which everything is stored.</param>
/// <param name="LagBytes">Journal bytes behind that.</param>
/// <param name="Behind">Age of the oldest message in hand that is not stored; zero when caught up.</param>
/// <param name="Batches">Batches accepted.</param>
/// <param name="Retries">Batches kept, each time.</param>
/// <param name="LastError">The last reason to keep, even after it has passed; null if there was none.</param>
/// <param name="Counters">Rows, readings, rejects and skips.</param>
internal readonly record struct SinkReport(
    string Name,
    string? Problem,
    long Position,
    long LagBytes,
    TimeSpan Behind,
    long Batches,
    long Retries,
    string? LastError,
    SinkCounters Counters
);
