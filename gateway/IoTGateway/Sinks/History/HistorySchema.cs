namespace IoTGateway.Sinks.History;

/// <summary>The tables of <c>history.db</c>.</summary>
internal static class HistorySchema
{
    public const long Version = 1;

    // blocks of a series never overlap; fresh ones may overlap anything and are newer than all of them.
    public const string Text = """
        CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS layouts (id INTEGER PRIMARY KEY, sensor BLOB NOT NULL UNIQUE);
        CREATE TABLE IF NOT EXISTS series (
            id INTEGER PRIMARY KEY, device TEXT NOT NULL, measurement TEXT NOT NULL, UNIQUE (device, measurement)
        );
        CREATE TABLE IF NOT EXISTS fresh (
            id INTEGER PRIMARY KEY, series INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            rows INTEGER NOT NULL, layout INTEGER NOT NULL, data BLOB NOT NULL
        );
        CREATE INDEX IF NOT EXISTS fresh_by_series ON fresh (series);
        CREATE TABLE IF NOT EXISTS blocks (
            id INTEGER PRIMARY KEY, series INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            rows INTEGER NOT NULL, layout INTEGER NOT NULL, data BLOB NOT NULL
        );
        CREATE UNIQUE INDEX IF NOT EXISTS blocks_by_time ON blocks (series, first);
        CREATE TABLE IF NOT EXISTS damaged (
            series INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            rows INTEGER NOT NULL, layout INTEGER NOT NULL, data BLOB NOT NULL
        );
        CREATE TABLE IF NOT EXISTS gaps (
            device TEXT NOT NULL, epoch INTEGER NOT NULL, clock INTEGER NOT NULL, raw_from INTEGER NOT NULL,
            raw_to INTEGER NOT NULL, rows INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY (device, epoch, clock, raw_from, raw_to, rows)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS logs (
            device TEXT NOT NULL, id INTEGER NOT NULL, time INTEGER NOT NULL, level INTEGER NOT NULL,
            category TEXT NOT NULL, message TEXT NOT NULL, PRIMARY KEY (device, id)
        ) WITHOUT ROWID;
        """;
}
