using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.History;

/// <summary>
/// Walks the readings of one field block by block: the stored block next in time, and over it the fresh rows, which are
/// newer and win. Each step is a read of its own, so a slow client never holds a snapshot open.
/// </summary>
internal sealed class SeriesReader(Statements statements, LayoutTable layouts, HistoryDamage damage)
{
    private readonly RowBlock _stored = new();
    private readonly RowBlock _block = new();
    private readonly RowBuffer _fresh = new();

    /// <summary>Adds the readings of one step to a list.</summary>
    /// <returns>Where the next step starts, or null at the end.</returns>
    public long? ReadStep(SeriesState series, string field, long from, long to, List<HistoryPoint> into)
    {
        statements.Execute("BEGIN");
        try
        {
            var end = LoadStored(series, from, to);
            LoadFresh(series, from, end ?? to);
            Overlay(field, from, end ?? to, into);
            return end < to ? end + 1 : null;
        }
        finally
        {
            statements.Execute("COMMIT");
        }
    }

    /// <summary>The newest row, or null where the series is empty: its block, and which row it is.</summary>
    public (RowBlock Block, int Row)? ReadLast(SeriesState series)
    {
        statements.Execute("BEGIN");
        try
        {
            var end = LoadStoredLast(series);
            LoadFresh(series, end ?? long.MinValue, long.MaxValue);
            if (_fresh.Count > 0)
            {
                _fresh.CopyTo(_stored, _fresh.Count - 1, _fresh.Count);
                return (_stored, 0);
            }
            return end is null ? null : (_stored, _stored.Rows - 1);
        }
        finally
        {
            statements.Execute("COMMIT");
        }
    }

    /// <summary>Reads the first good block that ends at or after a time; answers where it ends, or null.</summary>
    private long? LoadStored(SeriesState series, long from, long to)
    {
        _stored.Reset(_stored.Sensor, 0);
        using var row = statements.Query(
            "SELECT first, last, rows, layout, data FROM blocks WHERE series = $1 AND first <= $3 AND first >= coalesce("
                + "(SELECT max(first) FROM blocks WHERE series = $1 AND first <= $2), $2) ORDER BY first",
            series.Id,
            from,
            to
        );
        while (row.Read())
        {
            if (row.GetInt64(1) >= from && TryLoad(series, StoredBlock.Read(row), _stored, out _))
                return Math.Min(row.GetInt64(1), to);
        }
        return null;
    }

    private long? LoadStoredLast(SeriesState series)
    {
        using var row = statements.Query(
            "SELECT first, last, rows, layout, data FROM blocks WHERE series = $1 ORDER BY first DESC",
            series.Id
        );
        while (row.Read())
        {
            if (TryLoad(series, StoredBlock.Read(row), _stored, out _))
                return row.GetInt64(1);
        }
        return null;
    }

    private void LoadFresh(SeriesState series, long from, long to)
    {
        _fresh.Clear();
        using var row = statements.Query(
            "SELECT first, last, rows, layout, data FROM fresh WHERE series = $1 AND last >= $2 AND first <= $3 "
                + "ORDER BY id",
            series.Id,
            from,
            to
        );
        while (row.Read())
        {
            if (TryLoad(series, StoredBlock.Read(row), _block, out var layout))
                _fresh.Append(layout, _block);
        }
        _fresh.Sort();
    }

    private bool TryLoad(
        SeriesState series,
        in StoredBlock stored,
        RowBlock into,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Layout? layout
    )
    {
        layout = layouts.ById(stored.Layout);
        if (layout is not null && BlockCodec.TryDecode(stored.Data, layout, stored.First, into))
            return true;
        damage.Skip(series.Id, series.Device, series.Measurement, stored.First, stored.Last);
        return false;
    }

    private void Overlay(string field, long from, long to, List<HistoryPoint> into)
    {
        var column = IndexOf(_stored.Sensor, field);
        var fresh = _fresh.FirstAtOrAfter(from);
        var times = _stored.Times;
        for (var row = 0; row < times.Length && times[row] <= to; row++)
        {
            if (times[row] < from)
                continue;
            for (; fresh < _fresh.Count && _fresh.Time(fresh) < times[row]; fresh++)
                AddFresh(field, fresh, into);
            var replaced = fresh < _fresh.Count && _fresh.Time(fresh) == times[row];
            if (!replaced && column >= 0 && _stored.IsPresent(column, row))
                into.Add(new(times[row], FieldValue.ToDouble(_stored.Sensor.Fields[column], _stored.Raw(column, row))));
        }
        for (; fresh < _fresh.Count && _fresh.Time(fresh) <= to; fresh++)
            AddFresh(field, fresh, into);
    }

    private void AddFresh(string field, int row, List<HistoryPoint> into)
    {
        var sensor = _fresh.LayoutOf(row).Sensor;
        var column = IndexOf(sensor, field);
        if (column >= 0 && _fresh.TryGet(row, column, out var raw))
            into.Add(new(_fresh.Time(row), FieldValue.ToDouble(sensor.Fields[column], raw)));
    }

    private static int IndexOf(SensorDescription sensor, string field)
    {
        for (var i = 0; i < sensor.Fields.Length; i++)
        {
            if (sensor.Fields[i].Name == field)
                return i;
        }
        return -1;
    }
}
