using IoTGateway.Devices;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Sinks;

/// <summary>A row that a sink's database will never take.</summary>
/// <param name="Device">Whose row it is.</param>
/// <param name="JournalOffset">The record it came in.</param>
/// <param name="Row">The row as it was sent.</param>
/// <param name="Reason">What the database said.</param>
internal readonly record struct RejectedRow(string Device, long JournalOffset, string Row, string Reason);

/// <summary>A rejected row read back.</summary>
internal readonly record struct RejectedEntry(string Sink, long AtUnixMs, RejectedRow Row);

/// <summary>
/// Rows that were refused for good, with the reason, in <c>rejected.db</c>: a file of its own, so that a sink that has
/// to reject never waits for the history's writer. The newest <see cref="PerSink"/> of each sink stay.
/// </summary>
internal sealed class RejectedRows
{
    public const int PerSink = 10_000;
    private const int LongestText = 4096;

    private readonly string _connectionString;
    private readonly TimeProvider _clock;

    /// <summary>Opens or creates the file in a data folder.</summary>
    public RejectedRows(string dataFolder, TimeProvider clock)
    {
        SQLitePCL.Batteries_V2.Init();
        Directory.CreateDirectory(dataFolder);
        _clock = clock;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(dataFolder, "rejected.db"),
            DefaultTimeout = 10,
        }.ToString();
        using var connection = Open();
        connection.Execute("PRAGMA journal_mode = WAL");
        connection.Execute(
            """
            CREATE TABLE IF NOT EXISTS rejected (
                id INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, device TEXT NOT NULL,
                journal_offset INTEGER NOT NULL, row TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
                UNIQUE (sink, journal_offset, row)
            )
            """
        );
    }

    /// <summary>Keeps rows, on disk before this returns. A row that came before is not kept twice.</summary>
    /// <returns>How many were new.</returns>
    /// <exception cref="IOException">They are not kept.</exception>
    public int Add(string sink, IReadOnlyList<RejectedRow> rows)
    {
        try
        {
            return Insert(sink, rows);
        }
        catch (SqliteException failure)
        {
            throw new IOException($"rejected.db: {failure.Message}", failure);
        }
    }

    private int Insert(string sink, IReadOnlyList<RejectedRow> rows)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        using var insert = connection.CreateCommand();
        insert.CommandText =
            "INSERT OR IGNORE INTO rejected (sink, device, journal_offset, row, reason, at) "
            + "VALUES ($sink, $device, $offset, $row, $reason, $at)";
        insert.Parameters.AddWithValue("$sink", sink);
        insert.Parameters.AddWithValue("$at", _clock.GetUtcNow().ToUnixTimeMilliseconds());
        var device = insert.Parameters.Add("$device", SqliteType.Text);
        var offset = insert.Parameters.Add("$offset", SqliteType.Integer);
        var text = insert.Parameters.Add("$row", SqliteType.Text);
        var reason = insert.Parameters.Add("$reason", SqliteType.Text);
        var added = 0;
        foreach (var row in rows)
        {
            device.Value = row.Device;
            offset.Value = row.JournalOffset;
            text.Value = Short(row.Row);
            reason.Value = Short(row.Reason);
            added += insert.ExecuteNonQuery();
        }
        connection.Execute(
            "DELETE FROM rejected WHERE sink = $sink AND id <= "
                + "(SELECT id FROM rejected WHERE sink = $sink ORDER BY id DESC LIMIT 1 OFFSET $keep)",
            ("$sink", sink),
            ("$keep", PerSink)
        );
        transaction.Commit();
        return added;
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<RejectedEntry> Newest(string sink, int limit)
    {
        using var connection = Open();
        using var command = connection.Command(
            "SELECT at, device, journal_offset, row, reason FROM rejected WHERE sink = $sink ORDER BY id DESC LIMIT $n",
            ("$sink", sink),
            ("$n", limit)
        );
        using var reader = command.ExecuteReader();
        var entries = new List<RejectedEntry>();
        while (reader.Read())
        {
            var row = new RejectedRow(
                reader.GetString(1),
                reader.GetInt64(2),
                reader.GetString(3),
                reader.GetString(4)
            );
            entries.Add(new RejectedEntry(sink, reader.GetInt64(0), row));
        }
        return entries;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        connection.Execute("PRAGMA synchronous = FULL");
        return connection;
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
