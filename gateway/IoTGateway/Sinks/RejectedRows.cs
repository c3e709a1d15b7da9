using System.Collections.Concurrent;
using System.Data.Common;
using IoTGateway.Devices;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Sinks;

/// <summary>
/// Rows that were refused for good, with the reason, in <c>rejected.db</c>: a file of its own, so that a sink that has
/// to reject never waits for the history's writer. The newest <see cref="PerSink"/> of each sink stay.
/// </summary>
internal sealed partial class RejectedRows
{
    public const int PerSink = 10_000;
    private const int LongestReason = 4096;

    private readonly string _connectionString;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, long> _dropped = new(StringComparer.Ordinal);

    /// <summary>Opens or creates the file in a data folder; one that is damaged is put aside, and a new one begun.</summary>
    public RejectedRows(string dataFolder, TimeProvider clock, ILogger logger)
    {
        SQLitePCL.Batteries_V2.Init();
        Directory.CreateDirectory(dataFolder);
        _clock = clock;
        var path = Path.Combine(dataFolder, "rejected.db");
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 10 }.ToString();
        try
        {
            Prepare();
        }
        catch (SqliteException failure) when (DamagedFile.Is(failure))
        {
            SqliteConnection.ClearPool(new SqliteConnection(_connectionString));
            LogDamaged(logger, path, failure.Message, DamagedFile.PutAside(path, clock));
            Prepare();
        }
    }

    /// <summary>How many rows of a sink went since the start because newer ones needed their room.</summary>
    public long Dropped(string sink) => _dropped.GetValueOrDefault(sink);

    /// <summary>Keeps rows, on disk before this returns. A row that came before is not kept twice.</summary>
    /// <returns>How many were new.</returns>
    /// <exception cref="IOException">They are not kept.</exception>
    public int Add(string sink, IReadOnlyList<RejectedRow> rows) => Guarded(() => Insert(sink, rows));

    /// <summary>How many rows of a sink there are.</summary>
    public long Count(string sink)
    {
        using var connection = Open();
        using var command = connection.Command("SELECT count(*) FROM rejected WHERE sink = $sink", ("$sink", sink));
        return command.ExecuteScalar() is long count ? count : 0;
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<RejectedEntry> Newest(string sink, int limit) =>
        Query("WHERE sink = $sink ORDER BY id DESC LIMIT $n", ("$sink", sink), ("$n", limit));

    /// <summary>A page in the order of their ids.</summary>
    /// <param name="sink">Whose.</param>
    /// <param name="device">Of one device alone; null for all.</param>
    /// <param name="after">The last id of the page before; 0 to begin.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<RejectedEntry> Page(string sink, string? device, long after, int limit) =>
        Query(
            "WHERE sink = $sink AND id > $after AND ($device IS NULL OR device = $device) ORDER BY id LIMIT $n",
            ("$sink", sink),
            ("$after", after),
            ("$device", device),
            ("$n", limit)
        );

    /// <summary>One row; null where it is gone.</summary>
    public RejectedEntry? Find(string sink, long id) =>
        Query("WHERE sink = $sink AND id = $id", ("$sink", sink), ("$id", id)) is [var only] ? only : null;

    /// <summary>Forgets rows; on disk before this returns.</summary>
    /// <returns>How many there were.</returns>
    public int Remove(string sink, IReadOnlyList<long> ids) =>
        Change("DELETE FROM rejected WHERE sink = $sink AND id = $id", sink, ids.Select(id => (id, "")));

    /// <summary>Forgets all rows of a sink.</summary>
    public int RemoveAll(string sink) =>
        Guarded(() =>
        {
            using var connection = Open();
            return connection.Execute("DELETE FROM rejected WHERE sink = $sink", ("$sink", sink));
        });

    /// <summary>Notes that rows were refused again, and why.</summary>
    public void RefusedAgain(string sink, IReadOnlyList<(long Id, string Reason)> rows) =>
        Change("UPDATE rejected SET reason = $reason, at = $at WHERE sink = $sink AND id = $id", sink, rows);

    private void Prepare()
    {
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

    private List<RejectedEntry> Query(string where, params ReadOnlySpan<(string, object?)> values)
    {
        using var connection = Open();
        using var command = connection.Command(
            $"SELECT id, sink, at, device, journal_offset, row, reason FROM rejected {where}",
            values
        );
        using var reader = command.ExecuteReader();
        var entries = new List<RejectedEntry>();
        while (reader.Read())
            entries.Add(Read(reader));
        return entries;
    }

    private static RejectedEntry Read(DbDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1),
            row.GetInt64(2),
            new RejectedRow(row.GetString(3), row.GetInt64(4), row.GetString(5), row.GetString(6))
        );

    private long NowMs => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        connection.Execute("PRAGMA synchronous = FULL");
        return connection;
    }

    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException failure)
        {
            throw new IOException($"rejected.db: {failure.Message}; check the disk of the data folder", failure);
        }
    }

    private static string Short(string text) => text.Length <= LongestReason ? text : text[..LongestReason];

    [LoggerMessage(
        2030,
        LogLevel.Error,
        "{Path} is damaged ({Reason}): it is kept as {Aside}, and a new one begun. Rejected rows of before are in it alone"
    )]
    private static partial void LogDamaged(ILogger logger, string path, string reason, string aside);
}
