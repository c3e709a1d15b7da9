using IoTGateway.Links;

namespace IoTGateway.Live;

/// <summary>
/// What one watcher has not read yet. It gets every row while it keeps up; one who does not gets the latest row of each
/// sensor, never the backlog, and holds up nobody. So what waits is bounded by the number of sensors.
/// </summary>
internal sealed class LiveSubscription(string? device, Action<LiveSubscription> end, bool logs = false) : IDisposable
{
    /// <summary>So many rows wait before any is replaced.</summary>
    private const int Enough = 1_024;

    private readonly Lock _lock = new();
    private readonly AsyncSignal _arrived = new();
    private readonly HashSet<(string, string)> _seen = [];
    private List<LiveRow> _rows = [];
    private List<LiveRow> _taken = [];
    private int _most = Enough;
    private volatile bool _closed;

    /// <summary>Rows that a later row of the same sensor has replaced unread.</summary>
    public long Skipped { get; private set; }

    public bool Wants(string rowDevice) => device is null || device == rowDevice;

    public bool WantsLogs(string rowDevice) => logs && Wants(rowDevice);

    public void Publish(LiveRow row)
    {
        lock (_lock)
        {
            if (_rows.Count >= _most)
                KeepLatest();
            _rows.Add(row);
        }
        _arrived.Set();
    }

    /// <summary>Waits for rows; the list is the watcher's until its next call. Empty: the time is over, or the feed ends.</summary>
    public async ValueTask<IReadOnlyList<LiveRow>> TakeAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(_arrived.Set);
        while (!_closed && !cancellationToken.IsCancellationRequested)
        {
            lock (_lock)
            {
                if (_rows.Count > 0)
                {
                    _taken.Clear();
                    _most = Enough;
                    (_rows, _taken) = (_taken, _rows);
                    return _taken;
                }
            }
            await _arrived.WaitAsync();
        }
        return [];
    }

    /// <summary>Ends the watching from the feed's side.</summary>
    public void Close()
    {
        _closed = true;
        _arrived.Set();
    }

    public bool IsClosed => _closed;

    public void Dispose() => end(this);

    /// <summary>
    /// Then as many may come again before the next time: a row costs the same however many sensors there are, and at most
    /// two of a sensor wait on the average.
    /// </summary>
    private void KeepLatest()
    {
        _seen.Clear();
        var kept = 0;
        for (var i = _rows.Count - 1; i >= 0; i--)
        {
            if (_seen.Add((_rows[i].Device, _rows[i].Measurement)))
                _rows[^++kept] = _rows[i];
        }
        _most = Math.Max(Enough, 2 * kept);
        Skipped += _rows.Count - kept;
        _rows.RemoveRange(0, _rows.Count - kept);
    }
}
