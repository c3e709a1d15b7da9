using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.History;

/// <summary>
/// Writes batches to <c>history.db</c>, each in one transaction with the place in the journal. Small blocks are stored
/// as they come (fresh), and merged once a series has enough of them.
/// </summary>
internal sealed class HistoryWriter : IDisposable
{
    private const int MostFreshBlocks = 32;
    private const int MostFreshRows = 256;

    /// <summary>Lines of log that are kept of one device: a board in trouble repeats itself.</summary>
    public const int MostLogLines = 1_000;

    private readonly Statements _statements;
    private readonly LayoutTable _layouts;
    private readonly SeriesTable _series;
    private readonly BlockMerger _merger;
    private readonly List<SeriesState> _touched = [];
    private readonly Stack<RowBuffer> _buffers = new();
    private readonly RowBuffer _merging = new();
    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);
    private bool _stale = true;
    private long _position;

    public HistoryWriter(HistoryDatabase database, HistoryDamage damage)
    {
        _statements = new Statements(database.OpenWriter());
        _layouts = new LayoutTable(_statements);
        _series = new SeriesTable(_statements);
        _merger = new BlockMerger(_statements, _layouts, damage);
        _position = _statements.Number("SELECT value FROM state WHERE name = 'journal'") ?? 0;
    }

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

    /// <summary>Records what a device had to drop; the same report again changes nothing.</summary>
    public void AddGap(string device, in Gap gap, long offsetMs)
    {
        var offset = gap.Clock == ClockKind.SinceBoot ? offsetMs : 0;
        _statements.Execute(
            "INSERT OR IGNORE INTO gaps (device, epoch, clock, raw_from, raw_to, rows, first, last) "
                + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            device,
            (long)gap.Epoch,
            (long)gap.Clock,
            (long)gap.FromMs,
            (long)gap.ToMs,
            (long)Math.Min(gap.RowsDropped, long.MaxValue),
            (long)gap.FromMs + offset,
            (long)gap.ToMs + offset
        );
    }

    /// <summary>Keeps a line of a device's log.</summary>
    public void AddLog(string device, in LogLine line)
    {
        _statements.Execute(
            "INSERT INTO logs (device, id, time, level, category, message) VALUES "
                + "($1, (SELECT ifnull(max(id), 0) + 1 FROM logs WHERE device = $1), $2, $3, $4, $5)",
            device,
            line.UnixMs,
            (long)line.Level,
            line.Category,
            line.Message
        );
        _logged.Add(device);
    }

    /// <summary>Stores what was appended, and the place; on disk when this returns.</summary>
    public void Commit(JournalOffset position)
    {
        foreach (var series in _touched)
        {
            if (series.Pending is { } pending)
                Store(series, pending);
        }
        foreach (var device in _logged)
            ForgetOldestLogs(device);
        _statements.Execute("INSERT OR REPLACE INTO state (name, value) VALUES ('journal', $1)", position.Value);
        _statements.Execute("COMMIT");
        Interlocked.Exchange(ref _position, position.Value);
        Release();
    }

    /// <summary>Undoes everything since <see cref="Begin"/>.</summary>
    public void Rollback()
    {
        Release();
        _stale = true;
        // After some errors SQLite has rolled back by itself; then there is nothing left to undo.
        try
        {
            _statements.Execute("ROLLBACK");
        }
        catch (Microsoft.Data.Sqlite.SqliteException) { }
    }

    /// <summary>Deletes what ended before a time, some series per transaction, so that no transaction is long.</summary>
    public int Expire(long beforeUnixMs, CancellationToken cancellationToken)
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
        return deleted
            + _statements.Execute("DELETE FROM gaps WHERE last < $1", beforeUnixMs)
            + _statements.Execute("DELETE FROM logs WHERE time < $1", beforeUnixMs);
    }

    public void Dispose() => _statements.Dispose();

    private void ForgetOldestLogs(string device) =>
        _statements.Execute(
            "DELETE FROM logs WHERE device = $1 AND id <= "
                + "(SELECT id FROM logs WHERE device = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
            device,
            (long)MostLogLines
        );

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

    private void Store(SeriesState series, RowBuffer pending)
    {
        var merge = series.FreshBlocks + 1 >= MostFreshBlocks || series.FreshRows + pending.Count >= MostFreshRows;
        if (merge)
            MergeFresh(series, pending);
        else
            StoreFresh(series, pending);
    }

    private void StoreFresh(SeriesState series, RowBuffer rows)
    {
        rows.Sort();
        for (int from = 0, to; from < rows.Count; from = to)
        {
            to = BlockMerger.EndOfRun(rows, from);
            _statements.Execute(
                "INSERT INTO fresh (series, id, first, last, rows, layout, data) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                series.Id,
                _series.NextFreshId(),
                rows.Time(from),
                rows.Time(to - 1),
                to - from,
                rows.LayoutOf(from).Id,
                _merger.Encode(rows, from, to)
            );
            series.FreshBlocks++;
        }
        series.FreshRows += rows.Count;
    }

    private void MergeFresh(SeriesState series, RowBuffer pending)
    {
        var rows = pending;
        if (series.FreshBlocks > 0)
        {
            rows = _merging;
            rows.Clear();
            LoadFresh(series, rows);
            rows.Append(pending);
        }
        rows.Sort();
        _merger.Merge(series, rows);
        series.FreshBlocks = 0;
        series.FreshRows = 0;
    }

    private void LoadFresh(SeriesState series, RowBuffer rows)
    {
        using (
            var stored = _statements.Query(
                "SELECT first, last, rows, layout, data FROM fresh WHERE series = $1 ORDER BY id",
                series.Id
            )
        )
        {
            while (stored.Read())
                _merger.Load(series, StoredBlock.Read(stored), rows, older: false);
        }
        _statements.Execute("DELETE FROM fresh WHERE series = $1", series.Id);
    }

    private void Release()
    {
        _logged.Clear();
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
