using IoTGateway.Sinks.History;

namespace IoTGateway.Dashboard.Charts;

/// <summary>
/// One field over a sliding range: what the history has, and after it what has come since. Bounded: past twice the
/// points that a chart shows, the lowest and highest of each step stay.
/// </summary>
internal sealed class Series(string measurement, string fieldName, string unit, bool isSwitch, TimeSpan range)
{
    /// <summary>More a chart of this size cannot show.</summary>
    public const int Points = 360;

    private readonly Lock _lock = new();
    private List<HistoryPoint> _points = [];

    public string Measurement => measurement;

    public string Field => fieldName;

    public string Unit => unit;

    /// <summary>It is on or off.</summary>
    public bool IsSwitch => isSwitch;

    /// <summary>Part of a page.</summary>
    public string Id => $"chart.{measurement}.{fieldName}";

    /// <summary>Changes with every point.</summary>
    public long Version { get; private set; }

    /// <summary>Takes what the history has; points that came later stay.</summary>
    public void Load(IReadOnlyList<HistoryPoint> past)
    {
        lock (_lock)
        {
            var last = past.Count > 0 ? past[^1].UnixMs : long.MinValue;
            _points = [.. past, .. _points.Where(point => point.UnixMs > last)];
            Version++;
        }
    }

    /// <summary>Takes a reading; one that comes late goes to its place.</summary>
    public void Add(HistoryPoint point)
    {
        lock (_lock)
        {
            var at = _points.Count;
            while (at > 0 && _points[at - 1].UnixMs > point.UnixMs)
                at--;
            if (at > 0 && _points[at - 1].UnixMs == point.UnixMs)
                return;
            _points.Insert(at, point);
            if (_points.Count > 2 * Points)
                Thin();
            Version++;
        }
    }

    /// <summary>What lies in a range, and one before it, from which a line comes in.</summary>
    public HistoryPoint[] Read(long fromMs, long toMs)
    {
        lock (_lock)
        {
            var first = _points.FindIndex(point => point.UnixMs >= fromMs);
            return first < 0 ? [] : [.. _points.Skip(Math.Max(0, first - 1)).TakeWhile(point => point.UnixMs <= toMs)];
        }
    }

    private void Thin()
    {
        var to = _points[^1].UnixMs;
        var from = to - (long)range.TotalMilliseconds;
        var sampler = new DownSampler(from, to, Points);
        foreach (var point in _points.Where(point => point.UnixMs >= from))
            sampler.Add(point);
        _points = [.. sampler.Finish()];
    }
}
