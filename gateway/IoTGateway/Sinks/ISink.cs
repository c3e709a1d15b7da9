using IoTGateway.Journal;

namespace IoTGateway.Sinks;

/// <summary>
/// Where telemetry goes after the journal. A sink answers for whole batches: everything in it is stored (or rejected
/// and recorded, row by row), or the batch comes again.
/// </summary>
internal interface ISink
{
    /// <summary>Names the cursor, the metrics and the rejected rows; never changes once released.</summary>
    string Name { get; }

    /// <summary>What the sink has done since the start.</summary>
    SinkCounters Counters { get; }

    /// <summary>
    /// Null where the journal keeps the sink's place. A sink that stores its place together with the rows, in one
    /// transaction, answers where to go on from; the journal's own cursor then never moves ahead of it.
    /// </summary>
    JournalOffset? Position { get; }

    /// <summary>How its loop reads and retries.</summary>
    SinkRunnerOptions RunnerOptions => SinkRunnerOptions.Default;

    /// <summary>
    /// How long the database may hold in memory only what it has accepted. The cursor follows after that time, so that
    /// whatever a crash of the database takes with it comes again.
    /// </summary>
    TimeSpan SettlesAfter => TimeSpan.Zero;

    /// <summary>
    /// Stores a batch. A batch may come again after a Keep, a cancellation or a restart: storing it twice must change
    /// nothing. Called by one loop at a time.
    /// </summary>
    ValueTask<SinkVerdict> WriteAsync(JournalBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Offers rows again that the database refused before, the way that all rows go. May run beside
    /// <see cref="WriteAsync"/>. A sink that rejects nothing is never asked.
    /// </summary>
    ValueTask<RetryAnswer> RetryAsync(IReadOnlyList<RejectedEntry> rows, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"The sink '{Name}' rejects no rows.");
}
