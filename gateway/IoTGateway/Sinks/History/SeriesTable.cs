namespace IoTGateway.Sinks.History;

/// <summary>The writer's view of all series: their numbers, and what of them is fresh.</summary>
internal sealed class SeriesTable(Statements statements)
{
    private readonly Dictionary<(string Device, string Measurement), SeriesState> _series = [];

    public Dictionary<(string Device, string Measurement), SeriesState>.ValueCollection All => _series.Values;

    /// <summary>The largest number of a fresh block.</summary>
    public long LastFreshId { get; private set; }

    /// <summary>Reads everything anew: at the start, and after a rollback.</summary>
    public void Load()
    {
        _series.Clear();
        var byId = new Dictionary<long, SeriesState>();
        using (var row = statements.Query("SELECT id, device, measurement FROM series"))
        {
            while (row.Read())
            {
                var series = new SeriesState(row.GetInt64(0), row.GetString(1), row.GetString(2));
                _series.Add((series.Device, series.Measurement), series);
                byId.Add(series.Id, series);
            }
        }
        LastFreshId = 0;
        using var fresh = statements.Query("SELECT series, count(*), sum(rows), max(id) FROM fresh GROUP BY series");
        while (fresh.Read())
        {
            LastFreshId = Math.Max(LastFreshId, fresh.GetInt64(3));
            if (!byId.TryGetValue(fresh.GetInt64(0), out var series))
                continue;
            series.FreshBlocks = fresh.GetInt32(1);
            series.FreshRows = fresh.GetInt32(2);
        }
    }

    /// <summary>The series, stored if it is new.</summary>
    public SeriesState For(string device, string measurement)
    {
        if (_series.TryGetValue((device, measurement), out var known))
            return known;
        statements.Execute("INSERT INTO series (device, measurement) VALUES ($1, $2)", device, measurement);
        var id =
            statements.Number("SELECT last_insert_rowid()")
            ?? throw new InvalidOperationException("SQLite does not tell the row it inserted.");
        return _series[(device, measurement)] = new SeriesState(id, device, measurement);
    }

    public long NextFreshId() => ++LastFreshId;
}
