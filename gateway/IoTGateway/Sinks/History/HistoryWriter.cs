using IoTGateway.Journal;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.History;

/// <summary>
/// Writes batches to <c>history.db</c>, each in one transaction with the place in the journal. Small blocks are stored
/// as they come (fresh), and merged once a series has enough of them.
/// </summary>
internal sealed class HistoryWriter : IDisposable
{
    private readonly Statements _statements;
    private readonly LayoutTable _layouts;
    private readonly SeriesTable _series;
    private readonly FreshRows _fresh;
    private readonly LastRows _lastRows;
    private readonly List<SeriesState> _touched = [];
    private readonly Stack<RowBuffer> _buffers = new();
    private bool _stale = true;
    private long _position;

    public HistoryWriter(HistoryDatabase database, HistoryDamage damage)
    {
        _statements = new Statements(database.OpenWriter());
        _layouts = new LayoutTable(_statements);
        _series = new SeriesTable(_statements);
        _fresh = new FreshRows(_statements, _series, new BlockMerger(_statements, _layouts, damage));
        _lastRows = database.LastRows;
        Notes = new NoteWriter(_statements);
        _position = _statements.Number("SELECT value FROM state WHERE name = 'journal'") ?? 0;
    }

    /// <summary>What devices say beside rows; part of the same transaction.</summary>
    public NoteWriter Notes { get; }

    /// <summary>By what time rows were last deleted; null where none ever were.</summary>
    public DateTimeOffset? ExpiredBy =>
        _statements.Number("SELECT value FROM state WHERE name = 'clock'") is { } ms
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;

    /// <summary>The place of the last commit; readable from anywhere.</summary>
    public JournalOffset Position => new(Interlocked.Read(ref _position));

    public void Begin()
    {
        _statements.Execute("BEGIN IMMEDIATE");
        if (!_stale)
            return;
        _layouts.Forget();
        _series.Load();
        _stale = false;
    }

    /// <summary>Takes the rows of a block over; the block is free again.</summary>
    public void Append(string device, RowBlock block)
    {
        var series = _series.For(device, block.Sensor.Measurement);
        if (series.Pending is null)
        {
            series.Pending = _buffers.TryPop(out var free) ? free : new RowBuffer();
            _touched.Add(series);
        }
        series.Pending.Append(_layouts.For(block.Sensor), block);
    }

    /// <summary>Stores what was appended, and the place; on disk when this returns.</summary>
    public void Commit(JournalOffset position)
    {
        foreach (var series in _touched)
        {
            if (series.Pending is not { } pending)
                continue;
            pending.Sort();
            _lastRows.Prepare(series, pending);
            _fresh.Store(series, pending);
        }
        Notes.ForgetOldest();
        _statements.Execute("INSERT OR REPLACE INTO state (name, value) VALUES ('journal', $1)", position.Value);
        _statements.Execute("COMMIT");
        Interlocked.Exchange(ref _position, position.Value);
        _lastRows.Commit();
        Release();
    }

    /// <summary>Undoes everything since <see cref="Begin"/>.</summary>
    public void Rollback()
    {
        Release();
        _lastRows.Rollback();
        _stale = true;
        // After some errors SQLite has rolled back by itself; then there is nothing left to undo.
        try
        {
            _statements.Execute("ROLLBACK");
        }
        catch (Microsoft.Data.Sqlite.SqliteException) { }
    }

    /// <summary>Deletes what ended before a time, some series per transaction, so that no transaction is long.</summary>
    public int Expire(long beforeUnixMs, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var some in _series.All.Chunk(200))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _statements.Execute("BEGIN IMMEDIATE");
            foreach (var series in some)
                deleted += Expire(series, beforeUnixMs);
            _statements.Execute("COMMIT");
        }
        _statements.Execute(
            "INSERT OR REPLACE INTO state (name, value) VALUES ('clock', $1)",
            now.ToUnixTimeMilliseconds()
        );
        _lastRows.Expire(beforeUnixMs);
        return deleted
            + _statements.Execute("DELETE FROM gaps WHERE last < $1", beforeUnixMs)
            + _statements.Execute("DELETE FROM logs WHERE time < $1", beforeUnixMs);
    }

    public void Dispose() => _statements.Dispose();

    private int Expire(SeriesState series, long before)
    {
        var fresh = _statements.Execute("DELETE FROM fresh WHERE series = $1 AND last < $2", series.Id, before);
        // What is fresh is counted anew at the next Begin.
        _stale |= fresh > 0;
        return fresh
            + _statements.Execute("DELETE FROM damaged WHERE series = $1 AND last < $2", series.Id, before)
            + _statements.Execute(
                "DELETE FROM blocks WHERE series = $1 AND first < $2 AND last < $2",
                series.Id,
                before
            );
    }

    private void Release()
    {
        Notes.Clear();
        foreach (var series in _touched)
        {
            if (series.Pending is { } pending)
            {
                pending.Clear();
                _buffers.Push(pending);
            }
            series.Pending = null;
        }
        _touched.Clear();
    }
}
