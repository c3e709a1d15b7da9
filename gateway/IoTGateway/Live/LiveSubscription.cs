using IoTGateway.Links;

namespace IoTGateway.Live;

/// <summary>
/// What one watcher has not read yet. It gets every row while it keeps up; one who does not gets the latest row of each
/// sensor, never the backlog, and holds up nobody.
/// </summary>
internal sealed class LiveSubscription(string? device, Action<LiveSubscription> end, bool logs = false) : IDisposable
{
    private const int Most = 1_024;

    private readonly Lock _lock = new();
    private readonly AsyncSignal _arrived = new();
    private readonly HashSet<(string, string)> _seen = [];
    private List<LiveRow> _rows = [];
    private List<LiveRow> _taken = [];
    private volatile bool _closed;

    /// <summary>Rows that a later row of the same sensor has replaced unread.</summary>
    public long Skipped { get; private set; }

    public bool Wants(string rowDevice) => device is null || device == rowDevice;

    public bool WantsLogs(string rowDevice) => logs && Wants(rowDevice);

    public void Publish(LiveRow row)
    {
        lock (_lock)
        {
            if (_rows.Count >= Most)
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

    private void KeepLatest()
    {
        _seen.Clear();
        var kept = 0;
        for (var i = _rows.Count - 1; i >= 0; i--)
        {
            if (_seen.Add((_rows[i].Device, _rows[i].Measurement)))
                _rows[^++kept] = _rows[i];
        }
        // More sensors than room: the oldest of their rows give way.
        kept = Math.Min(kept, Most / 2);
        Skipped += _rows.Count - kept;
        _rows.RemoveRange(0, _rows.Count - kept);
    }
}
