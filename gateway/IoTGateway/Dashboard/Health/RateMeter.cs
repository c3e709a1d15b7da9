namespace IoTGateway.Dashboard.Health;

/// <summary>Rates of counters over the last twenty seconds or so, from one look to the next.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.9);

    private readonly Queue<(long At, long Messages, long Readings, long Bytes)> _looks = new();

    /// <summary>Takes the counters now; answers per second, or nulls before enough time has passed.</summary>
    public (double? Messages, double? Readings, double? Bytes) Look(long messages, long readings, long bytes)
    {
        var now = time.GetTimestamp();
        while (_looks.Count > 1 && time.GetElapsedTime(_looks.Peek().At, now) > Window)
            _looks.Dequeue();
        _looks.Enqueue((now, messages, readings, bytes));
        var first = _looks.Peek();
        var passed = time.GetElapsedTime(first.At, now);
        if (passed < Shortest)
            return (null, null, null);
        var seconds = passed.TotalSeconds;
        return (
            (messages - first.Messages) / seconds,
            (readings - first.Readings) / seconds,
            (bytes - first.Bytes) / seconds
        );
    }
}
