using System.Diagnostics;

namespace IoTGateway.Bench.Latency;

/// <summary>How long things took, told by any thread.</summary>
internal sealed class Latencies
{
    private readonly Lock _lock = new();
    private readonly List<double> _milliseconds = [];

    /// <param name="since">A timestamp of <see cref="Stopwatch"/>.</param>
    public void Add(long since)
    {
        var milliseconds = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        lock (_lock)
            _milliseconds.Add(milliseconds);
    }

    /// <summary>Forgets what was told before.</summary>
    public void Clear()
    {
        lock (_lock)
            _milliseconds.Clear();
    }

    public Quantiles ToQuantiles()
    {
        lock (_lock)
        {
            if (_milliseconds.Count == 0)
                throw new InvalidOperationException("Nothing was measured.");
            _milliseconds.Sort();
            return new Quantiles(_milliseconds.Count, At(0.5), At(0.99), At(0.999));
        }
    }

    private double At(double part) => _milliseconds[(int)(_milliseconds.Count * part)];
}

/// <summary>In milliseconds.</summary>
internal readonly record struct Quantiles(int Count, double P50, double P99, double P999);
