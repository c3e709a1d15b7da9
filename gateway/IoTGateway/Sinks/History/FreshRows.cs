namespace IoTGateway.Sinks.History;

/// <summary>Stores small blocks as they come, and has them merged once a series has enough of them.</summary>
internal sealed class FreshRows(Statements statements, SeriesTable table, BlockMerger merger)
{
    private const int MostFreshBlocks = 32;
    private const int MostFreshRows = 256;

    private readonly RowBuffer _merging = new();

    /// <summary>Stores sorted rows.</summary>
    public void Store(SeriesState series, RowBuffer pending)
    {
        var merge = series.FreshBlocks + 1 >= MostFreshBlocks || series.FreshRows + pending.Count >= MostFreshRows;
        if (merge)
            MergeFresh(series, pending);
        else
            StoreFresh(series, pending);
    }

    private void StoreFresh(SeriesState series, RowBuffer rows)
    {
        for (int from = 0, to; from < rows.Count; from = to)
        {
            to = BlockMerger.EndOfRun(rows, from);
            statements.Execute(
                "INSERT INTO fresh (series, id, first, last, rows, layout, data) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                series.Id,
                table.NextFreshId(),
                rows.Time(from),
                rows.Time(to - 1),
                to - from,
                rows.LayoutOf(from).Id,
                merger.Encode(rows, from, to)
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
        merger.Merge(series, rows);
        series.FreshBlocks = 0;
        series.FreshRows = 0;
    }

    private void LoadFresh(SeriesState series, RowBuffer rows)
    {
        using (
            var stored = statements.Query(
                "SELECT first, last, rows, layout, data FROM fresh WHERE series = $1 ORDER BY id",
                series.Id
            )
        )
        {
            while (stored.Read())
                merger.Load(series, StoredBlock.Read(stored), rows, older: false);
        }
        statements.Execute("DELETE FROM fresh WHERE series = $1", series.Id);
    }
}
