using System.Collections.Concurrent;

namespace IoTGateway.Sinks.History;

/// <summary>Blocks that do not decode: counted each time one is met, and each named once in the log.</summary>
internal sealed partial class HistoryDamage(ILogger logger)
{
    private const int MostNamed = 1000;

    private readonly ConcurrentDictionary<(long Series, long First), bool> _named = new();
    private long _met;

    /// <summary>How often a damaged block was skipped.</summary>
    public long Met => Interlocked.Read(ref _met);

    public void Skip(long series, string device, string measurement, long first, long last)
    {
        Interlocked.Increment(ref _met);
        if (_named.Count < MostNamed && _named.TryAdd((series, first), true))
            LogDamaged(
                logger,
                device,
                measurement,
                DateTimeOffset.FromUnixTimeMilliseconds(first),
                DateTimeOffset.FromUnixTimeMilliseconds(last)
            );
    }

    [LoggerMessage(
        2100,
        LogLevel.Error,
        "history.db: the block of device {Device}, measurement {Measurement}, {First:o} to {Last:o} is damaged; its "
            + "rows are left out. Check this machine's disk and memory, and restore a backup if you need these rows"
    )]
    private static partial void LogDamaged(
        ILogger logger,
        string device,
        string measurement,
        DateTimeOffset first,
        DateTimeOffset last
    );
}
