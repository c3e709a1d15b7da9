namespace IoTGateway.Sinks;

/// <summary>How a sink's loop reads and retries.</summary>
internal sealed record SinkRunnerOptions
{
    public static readonly SinkRunnerOptions Default = new();

    /// <summary>Most journal bytes in a batch; a reading is 1 to 2 of them.</summary>
    public int BatchBytes { get; init; } = 256 * 1024;

    /// <summary>Caught up, a sink is called no more often than this; behind, batches follow each other at once.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The first wait after a Keep; it doubles, up to <see cref="LongestRetry"/>, give or take a fifth.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(0.5);

    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The most that the other side's Retry-After is heeded.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The wait before the n-th retry, from 1.</summary>
    public TimeSpan Delay(int retry, TimeSpan? retryAfter, double random)
    {
        var doubled = FirstRetry * Math.Pow(2, Math.Min(retry - 1, 30));
        var delay = (doubled < LongestRetry ? doubled : LongestRetry) * (0.8 + (0.4 * random));
        if (retryAfter is not { } asked || asked <= delay)
            return delay;
        return asked < LongestRetryAfter ? asked : LongestRetryAfter;
    }
}
