using IoTGateway.Protocol;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.History;

/// <summary>
/// Turns rows into stored blocks. Of one series they never overlap, so a reader takes them one after the other, and a
/// time is stored once. A row is written about three times: fresh, in a block of some hundred rows, in a full block.
/// </summary>
internal sealed class BlockMerger(Statements statements, LayoutTable layouts, HistoryDamage damage)
{
    /// <summary>Blocks of fewer rows are merged again.</summary>
    private const int FullRows = 2048;

    /// <summary>So many neighbours that are not full make one block.</summary>
    private const int Neighbours = 16;

    /// <summary>Across a longer silence no block reaches: a stray time must not hold its neighbours back from expiry.</summary>
    private const long LongestSilenceMs = 30L * 24 * 3600 * 1000;

    private readonly WireWriter _writer = new(16 * 1024);
    private readonly RowBlock _block = new();
    private readonly RowBuffer _neighbours = new();
    private readonly List<StoredBlock> _overlapped = [];
    private readonly List<long> _fences = [];

    /// <summary>Stores rows of a series for good. The buffer holds them sorted, and is used up.</summary>
    public void Merge(SeriesState series, RowBuffer rows)
    {
        if (rows.Count == 0)
            return;
        FindOverlapped(series, rows);
        foreach (var block in _overlapped)
        {
            Load(series, block, rows, older: true);
            statements.Execute("DELETE FROM blocks WHERE series = $1 AND first = $2", series.Id, block.First);
        }
        if (_overlapped.Count > 0)
            rows.Sort();
        var newest = StoreRuns(series, rows);
        MergeNeighbours(series, newest);
    }

    /// <summary>Adds a stored block's rows to a buffer; one that is damaged is put aside.</summary>
    public void Load(SeriesState series, in StoredBlock block, RowBuffer into, bool older)
    {
        if (layouts.ById(block.Layout) is { } layout && BlockCodec.TryDecode(block.Data, layout, block.First, _block))
        {
            into.Append(layout, _block, older);
            return;
        }
        damage.Skip(series.Id, series.Device, series.Measurement, block.First, block.Last);
        statements.Execute(
            "INSERT INTO damaged (series, first, last, rows, layout, data) VALUES ($1, $2, $3, $4, $5, $6)",
            series.Id,
            block.First,
            block.Last,
            block.Rows,
            block.Layout,
            block.Data
        );
    }

    /// <summary>Encodes a run of rows of one layout.</summary>
    public byte[] Encode(RowBuffer rows, int from, int to)
    {
        rows.CopyTo(_block, from, to);
        return BlockCodec.Encode(_writer, _block);
    }

    /// <summary>Where the next run ends that fits one block.</summary>
    public static int EndOfRun(RowBuffer rows, int from)
    {
        var layout = rows.LayoutOf(from);
        var row = from + 1;
        while (
            row < rows.Count
            && row - from < ProtocolLimits.RowsPerBlock
            && ReferenceEquals(rows.LayoutOf(row), layout)
            && rows.Time(row) - rows.Time(row - 1) <= LongestSilenceMs
        )
            row++;
        return row;
    }

    /// <summary>
    /// Collects the blocks in which one of the rows falls, and the starts of those that only lie between two rows: a
    /// new block must end before them.
    /// </summary>
    private void FindOverlapped(SeriesState series, RowBuffer rows)
    {
        _overlapped.Clear();
        _fences.Clear();
        using var stored = statements.Query(
            "SELECT first, last, rows, layout, data FROM blocks WHERE series = $1 AND first <= $2 ORDER BY first DESC",
            series.Id,
            rows.Time(rows.Count - 1)
        );
        while (stored.Read() && stored.GetInt64(1) >= rows.Time(0))
        {
            var row = rows.FirstAtOrAfter(stored.GetInt64(0));
            if (row < rows.Count && rows.Time(row) <= stored.GetInt64(1))
                _overlapped.Add(StoredBlock.Read(stored));
            else
                _fences.Add(stored.GetInt64(0));
        }
        _fences.Reverse();
    }

    private long StoreRuns(SeriesState series, RowBuffer rows)
    {
        var fence = 0;
        long newest = 0;
        for (int from = 0, to; from < rows.Count; from = to)
        {
            newest = rows.Time(from);
            while (fence < _fences.Count && _fences[fence] < newest)
                fence++;
            to = EndOfRun(rows, from);
            if (fence < _fences.Count)
                to = Math.Min(to, rows.FirstAtOrAfter(_fences[fence]));
            statements.Execute(
                "INSERT INTO blocks (series, first, last, rows, layout, data) VALUES ($1, $2, $3, $4, $5, $6)",
                series.Id,
                newest,
                rows.Time(to - 1),
                to - from,
                rows.LayoutOf(from).Id,
                Encode(rows, from, to)
            );
        }
        return newest;
    }

    /// <summary>Makes one block of a run of small ones that ends with the block just stored, once it is worth it.</summary>
    private void MergeNeighbours(SeriesState series, long newest)
    {
        var oldest = OldestOfSmallRun(series, newest);
        if (oldest is not { } first)
            return;
        _neighbours.Clear();
        using (
            var stored = statements.Query(
                "SELECT first, last, rows, layout, data FROM blocks "
                    + "WHERE series = $1 AND first BETWEEN $2 AND $3 ORDER BY first",
                series.Id,
                first,
                newest
            )
        )
        {
            while (stored.Read())
                Load(series, StoredBlock.Read(stored), _neighbours, older: false);
        }
        statements.Execute(
            "DELETE FROM blocks WHERE series = $1 AND first BETWEEN $2 AND $3",
            series.Id,
            first,
            newest
        );
        _neighbours.Sort();
        _fences.Clear();
        StoreRuns(series, _neighbours);
    }

    /// <summary>Where the run starts, or null while it is too short.</summary>
    private long? OldestOfSmallRun(SeriesState series, long newest)
    {
        using var stored = statements.Query(
            "SELECT first, last, rows, layout FROM blocks WHERE series = $1 AND first <= $2 ORDER BY first DESC",
            series.Id,
            newest
        );
        int blocks = 0,
            rows = 0;
        long first = 0,
            layout = 0;
        while (blocks < Neighbours && rows < ProtocolLimits.RowsPerBlock && stored.Read())
        {
            var ends =
                stored.GetInt32(2) >= FullRows
                || (blocks > 0 && (stored.GetInt64(3) != layout || first - stored.GetInt64(1) > LongestSilenceMs));
            if (ends)
                return null;
            first = stored.GetInt64(0);
            layout = stored.GetInt64(3);
            rows += stored.GetInt32(2);
            blocks++;
        }
        return blocks > 1 && (blocks == Neighbours || rows >= ProtocolLimits.RowsPerBlock) ? first : null;
    }
}
