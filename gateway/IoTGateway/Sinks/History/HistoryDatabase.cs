using IoTGateway.Devices;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Sinks.History;

/// <summary>The file <c>history.db</c>: its tables, and connections to it.</summary>
/// <remarks>
/// WAL, so that readers see the state of the last commit and never wait for the writer, nor it for them.
/// synchronous = FULL: once a commit returns, the journal may delete what it held, so the commit must be on disk. It is
/// one sync per batch, at most one batch a second when caught up.
/// </remarks>
internal sealed class HistoryDatabase
{
    private const long SchemaVersion = 1;

    // A pooled connection keeps its pragmas: a reader's must never serve a writer.
    private readonly string _readers;
    private readonly string _writers;

    /// <summary>Opens or creates the file in a data folder.</summary>
    public HistoryDatabase(string dataFolder)
    {
        SQLitePCL.Batteries_V2.Init();
        Directory.CreateDirectory(dataFolder);
        File = Path.Combine(dataFolder, "history.db");
        var settings = new SqliteConnectionStringBuilder { DataSource = File, DefaultTimeout = 10 };
        _readers = settings.ToString();
        settings.Pooling = false;
        _writers = settings.ToString();
        using var connection = OpenWriter();
        // Small pages: commits touch many of them for a few bytes each, and a block's last page is half empty.
        connection.Execute("PRAGMA page_size = 1024");
        connection.Execute("PRAGMA journal_mode = WAL");
        RequireVersion(connection);
        connection.Execute(Schema);
        connection.Execute($"PRAGMA user_version = {SchemaVersion}");
    }

    /// <summary>Where the file is.</summary>
    public string File { get; }

    // blocks of a series never overlap; fresh ones may overlap anything and are newer than all of them.
    private const string Schema = """
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

    /// <summary>A connection that may write; there is one writer at a time.</summary>
    public SqliteConnection OpenWriter()
    {
        var connection = new SqliteConnection(_writers);
        connection.Open();
        connection.Execute("PRAGMA synchronous = FULL");
        connection.Execute("PRAGMA journal_size_limit = 16777216");
        return connection;
    }

    /// <summary>A connection of the pool for reading; dispose it soon: an open read keeps the WAL from shrinking.</summary>
    public SqliteConnection OpenReader()
    {
        var connection = new SqliteConnection(_readers);
        connection.Open();
        connection.Execute("PRAGMA query_only = 1");
        return connection;
    }

    private void RequireVersion(SqliteConnection connection)
    {
        using var command = connection.Command("PRAGMA user_version");
        var version = (long)(command.ExecuteScalar() ?? 0L);
        if (version > SchemaVersion)
            throw new InvalidOperationException(
                $"{File} was written by a newer gateway (schema {version}; this one reads up to {SchemaVersion}). "
                    + "Run that version again, or move the file away to start an empty history."
            );
    }
}
