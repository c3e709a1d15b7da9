using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Devices;

/// <summary>
/// What the gateway must know beside the rows: devices, catalogs, API keys. One small SQLite file,
/// <c>control.db</c>; its users speak plain ADO.NET, so that another database can stand here.
/// </summary>
internal sealed class ControlDatabase
{
    private readonly string _connectionString;

    /// <summary>Opens the file in a data folder and brings its tables up to date.</summary>
    public ControlDatabase(string dataFolder)
    {
        SQLitePCL.Batteries_V2.Init();
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(dataFolder, "control.db"),
            DefaultTimeout = 10,
        }.ToString();
        using var connection = Open();
        connection.Execute("PRAGMA journal_mode = WAL");
        connection.Execute(Schema);
    }

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS devices (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, secret BLOB NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL, firmware TEXT, board TEXT, catalog INTEGER, last_seen INTEGER
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS catalogs (
            device TEXT NOT NULL, hash INTEGER NOT NULL, message BLOB NOT NULL, PRIMARY KEY (device, hash)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS keys (
            hash BLOB PRIMARY KEY, name TEXT NOT NULL, expires INTEGER NOT NULL
        ) WITHOUT ROWID;
        """;

    /// <summary>A connection of the pool; dispose it soon.</summary>
    /// <param name="durable">
    /// Tokens and catalogs are promises: they are on disk before anybody hears of them. What may be forgotten in a
    /// power cut, such as when a device was last seen, spares the fsync.
    /// </param>
    public DbConnection Open(bool durable = true)
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        connection.Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        return connection;
    }
}
