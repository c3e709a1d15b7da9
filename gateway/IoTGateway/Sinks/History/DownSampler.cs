namespace IoTGateway.Sinks.History;

/// <summary>
/// Thins readings out while they are decoded. While they are no more than asked for, all stay; beyond, the range is
/// divided into steps, and of each step the lowest and the highest stay, in the order they came: a chart keeps every
/// spike.
/// </summary>
/// <param name="from">Start of the range.</param>
/// <param name="to">End of the range, inclusive.</param>
/// <param name="points">Most points, at least 2.</param>
internal sealed class DownSampler(long from, long to, int points)
{
    private readonly long _step = ((to - from) / (points / 2)) + 1;
    private readonly List<HistoryPoint> _points = [];
    private bool _thinning;
    private long _current = -1;
    private HistoryPoint _lowest;
    private HistoryPoint _highest;

    /// <summary>Takes a reading; times ascend.</summary>
    public void Add(HistoryPoint point)
    {
        if (_thinning)
        {
            Thin(point);
            return;
        }
        _points.Add(point);
        if (_points.Count <= points)
            return;
        _thinning = true;
        var all = _points.ToArray();
        _points.Clear();
        foreach (var one in all)
            Thin(one);
    }

    /// <summary>What is left; call it once, at the end.</summary>
    public IReadOnlyList<HistoryPoint> Finish()
    {
        if (_thinning)
            EndStep();
        return _points;
    }

    private void Thin(HistoryPoint point)
    {
        var step = (point.UnixMs - from) / _step;
        if (step != _current)
        {
            EndStep();
            _current = step;
            _lowest = _highest = point;
            return;
        }
        if (point.Value < _lowest.Value)
            _lowest = point;
        if (point.Value > _highest.Value)
            _highest = point;
    }

    private void EndStep()
    {
        if (_current < 0)
            return;
        var lowestFirst = _lowest.UnixMs <= _highest.UnixMs;
        _points.Add(lowestFirst ? _lowest : _highest);
        if (_lowest.UnixMs != _highest.UnixMs)
            _points.Add(lowestFirst ? _highest : _lowest);
    }
}
