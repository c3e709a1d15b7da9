using System.Runtime.CompilerServices;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.History;

/// <summary>Reads <c>history.db</c> while the sink writes it: neither waits for the other. Safe for many threads.</summary>
internal sealed class HistoryQuery(HistoryDatabase database, HistoryDamage damage)
{
    /// <summary>Readings for a chart, at most <paramref name="points"/> of them.</summary>
    /// <param name="device">Device id.</param>
    /// <param name="measurement">Sensor name.</param>
    /// <param name="field">Field name.</param>
    /// <param name="from">Unix milliseconds, inclusive.</param>
    /// <param name="to">Unix milliseconds, inclusive.</param>
    /// <param name="points">At least 2; where there are more readings, the lowest and highest of each step stay.</param>
    /// <param name="cancellationToken">Ends a long read.</param>
    /// <returns>Null where this device never sent such a field.</returns>
    public HistoryReadings? Readings(
        string device,
        string measurement,
        string field,
        long from,
        long to,
        int points,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        using var statements = new Statements(database.OpenReader());
        var layouts = new LayoutTable(statements);
        if (Find(statements, device, measurement) is not { } series)
            return null;
        if (UnitOf(statements, layouts, series, field) is not { } unit)
            return null;
        var reader = new SeriesReader(statements, layouts, damage);
        var (first, last) = Clamp(statements, series, from, to);
        var sampler = new DownSampler(first, Math.Max(first, last), points);
        var step = new List<HistoryPoint>();
        for (long? next = first; next <= last; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            step.Clear();
            next = reader.ReadStep(series, field, next.Value, last, step);
            foreach (var point in step)
                sampler.Add(point);
        }
        return new HistoryReadings(measurement, field, unit, sampler.Finish());
    }

    /// <summary>
    /// Every reading of a range in time order, in runs of up to some thousand; a run is valid until the next is asked
    /// for. Empty where there is nothing.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<HistoryPoint>> StreamAsync(
        string device,
        string measurement,
        string field,
        long from,
        long to,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var statements = new Statements(database.OpenReader());
        if (Find(statements, device, measurement) is not { } series)
            yield break;
        var reader = new SeriesReader(statements, new LayoutTable(statements), damage);
        var step = new List<HistoryPoint>();
        for (long? next = from; next <= to; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            step.Clear();
            next = reader.ReadStep(series, field, next.Value, to, step);
            if (step.Count > 0)
                yield return step;
            // SQLite answers at once; give other requests of this thread a turn between blocks.
            await Task.Yield();
        }
    }

    /// <summary>What a device measures, each with its last row; ordered by name.</summary>
    public IReadOnlyList<HistorySeries> Series(string device) => database.LastRows.Of(device, LoadLastRows);

    /// <summary>What a device had to drop in a range, oldest first.</summary>
    public IReadOnlyList<HistoryGap> Gaps(string device, long from, long to)
    {
        using var connection = database.OpenReader();
        using var command = connection.Command(
            "SELECT epoch, first, last, rows FROM gaps WHERE device = $d AND last >= $f AND first <= $t ORDER BY first",
            ("$d", device),
            ("$f", from),
            ("$t", to)
        );
        using var row = command.ExecuteReader();
        var gaps = new List<HistoryGap>();
        while (row.Read())
            gaps.Add(new HistoryGap((uint)row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)));
        return gaps;
    }

    /// <summary>The newest lines of a device's log in a range, at or above a level; oldest first.</summary>
    public IReadOnlyList<LogLine> Logs(string device, byte level, long from, long to, int limit)
    {
        using var connection = database.OpenReader();
        using var command = connection.Command(
            "SELECT time, level, category, message FROM logs WHERE device = $d AND level >= $l AND time BETWEEN $f AND $t "
                + "ORDER BY id DESC LIMIT $n",
            ("$d", device),
            ("$l", (long)level),
            ("$f", from),
            ("$t", to),
            ("$n", (long)limit)
        );
        using var row = command.ExecuteReader();
        var lines = new List<LogLine>();
        while (row.Read())
            lines.Add(new LogLine(row.GetInt64(0), row.GetByte(1), row.GetString(2), row.GetString(3)));
        lines.Reverse();
        return lines;
    }

    private IEnumerable<(string Device, HistorySeries Row)> LoadLastRows()
    {
        using var statements = new Statements(database.OpenReader());
        var layouts = new LayoutTable(statements);
        var known = new List<SeriesState>();
        using (var row = statements.Query("SELECT id, device, measurement FROM series"))
        {
            while (row.Read())
                known.Add(new SeriesState(row.GetInt64(0), row.GetString(1), row.GetString(2)));
        }
        var reader = new SeriesReader(statements, layouts, damage);
        foreach (var series in known)
        {
            if (reader.ReadLast(series) is { } last)
                yield return (series.Device, LastRows.Describe(series.Measurement, last.Block, last.Row));
        }
    }

    private static SeriesState? Find(Statements statements, string device, string measurement) =>
        statements.Number("SELECT id FROM series WHERE device = $1 AND measurement = $2", device, measurement) is { } id
            ? new SeriesState(id, device, measurement)
            : null;

    /// <summary>The unit in the newest layout that has the field, or null where none has.</summary>
    private static string? UnitOf(Statements statements, LayoutTable layouts, SeriesState series, string field)
    {
        // Nearly always the newest rows have it, and no block has to be read to see so; only for a field of older firmware
        // all are looked through.
        var newest =
            statements.Number("SELECT layout FROM fresh WHERE series = $1 ORDER BY id DESC LIMIT 1", series.Id)
            ?? statements.Number("SELECT layout FROM blocks WHERE series = $1 ORDER BY first DESC LIMIT 1", series.Id);
        if (newest is { } id && UnitIn(layouts.ById(id)?.Sensor, field) is { } unit)
            return unit;
        var ids = new List<long>();
        using (
            var row = statements.Query(
                "SELECT layout FROM blocks WHERE series = $1 UNION SELECT layout FROM fresh WHERE series = $1 "
                    + "ORDER BY layout DESC",
                series.Id
            )
        )
        {
            while (row.Read())
                ids.Add(row.GetInt64(0));
        }
        return ids.Select(older => UnitIn(layouts.ById(older)?.Sensor, field))
            .FirstOrDefault(found => found is not null);
    }

    private static string? UnitIn(SensorDescription? sensor, string field) =>
        sensor?.Fields.FirstOrDefault(one => one.Name == field)?.Unit;

    /// <summary>The part of a range in which there are rows: steps are made for rows, not for the years before them.</summary>
    private static (long From, long To) Clamp(Statements statements, SeriesState series, long from, long to)
    {
        using var row = statements.Query(
            "SELECT min(a), max(b) FROM (SELECT min(first) a, max(last) b FROM fresh WHERE series = $1 UNION ALL "
                + "SELECT (SELECT first FROM blocks WHERE series = $1 ORDER BY first LIMIT 1), "
                + "(SELECT last FROM blocks WHERE series = $1 ORDER BY first DESC LIMIT 1))",
            series.Id
        );
        if (!row.Read() || row.IsDBNull(0))
            return (0, -1);
        return (Math.Max(from, row.GetInt64(0)), Math.Min(to, row.GetInt64(1)));
    }
}
