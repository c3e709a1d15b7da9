using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Devices;

/// <summary>
/// What the gateway must know beside the rows: devices, catalogs, API keys, commands, settings. One small SQLite file,
/// <c>control.db</c>; its users speak plain ADO.NET, so that another database can stand here.
/// </summary>
internal sealed class ControlDatabase : IDisposable
{
    private readonly string _connectionString;

    // SQLite lets in one writer at a time. Hundreds that wait inside of it would hold a thread each, and receipts with them.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Opens the file in a data folder and brings its tables up to date.</summary>
    /// <exception cref="IOException">It cannot be used; the message says what to do.</exception>
    public ControlDatabase(string dataFolder)
    {
        SQLitePCL.Batteries_V2.Init();
        var path = Path.Combine(dataFolder, "control.db");
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 10 }.ToString();
        IsMissed = !File.Exists(path) && HasTelemetry(dataFolder);
        // SQLite would take it for a new one, and every device would be a stranger.
        if (DamagedFile.IsEmpty(path))
            throw Damaged(path, "it is empty", null);
        try
        {
            using var connection = Open();
            ControlSchema.Update(connection, path);
            using var check = connection.Command("PRAGMA quick_check(1)");
            if (check.ExecuteScalar() is string found and not "ok")
                throw Damaged(path, found, null);
        }
        catch (SqliteException failure) when (DamagedFile.Is(failure))
        {
            throw Damaged(path, failure.Message, failure);
        }
        catch (SqliteException failure)
        {
            var next = DamagedFile.IsHeldByAnother(failure)
                ? $"Another program has locked it: end that one ('fuser {path}' names it), and start again."
                : "Check the disk and the rights on the data folder.";
            throw new IOException($"{path} cannot be opened: {failure.Message.TrimEnd('.')}. {next}", failure);
        }
    }

    /// <summary>
    /// True where the file was not there when telemetry was: it went away, a new one was begun, and every device is a
    /// stranger until it is added again.
    /// </summary>
    public bool IsMissed { get; }

    private static bool HasTelemetry(string dataFolder)
    {
        var journal = Path.Combine(dataFolder, "journal");
        return File.Exists(Path.Combine(dataFolder, "history.db"))
            || (Directory.Exists(journal) && Directory.EnumerateFiles(journal, "*.seg").Any());
    }

    private static IOException Damaged(string path, string what, Exception? cause) =>
        new(
            $"{path} is damaged: {what.TrimEnd('.')}. It holds the devices and their tokens, so the gateway does not start without it. "
                + $"Put a backup in its place, or try 'sqlite3 {path} .recover | sqlite3 repaired.db'. If there is neither, "
                + "move it away (not only empty it): the next start makes a new one, and every device must be added again. "
                + "Telemetry in the journal and in the history is not touched.",
            cause
        );

    /// <summary>Writes when it is one's turn; nobody holds a thread while waiting for it.</summary>
    /// <param name="write">Gets a connection; what it returns is returned.</param>
    /// <param name="cancellationToken">Ends the waiting, not the writing.</param>
    /// <param name="durable">As for <see cref="Open"/>.</param>
    public async ValueTask<T> WriteAsync<T>(
        Func<DbConnection, T> write,
        CancellationToken cancellationToken,
        bool durable = true
    )
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Off the thread of the sockets, on which a link may be that has brought a catalog.
            await Task.Yield();
            using var connection = Open(durable);
            return write(connection);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>A connection of the pool; dispose it soon. What may be written by many at once goes through WriteAsync.</summary>
    /// <param name="durable">
    /// Tokens, catalogs, commands and settings are promises: they are on disk before anybody hears of them. What may be
    /// forgotten in a power cut, such as when a device was last seen, spares the fsync.
    /// </param>
    public DbConnection Open(bool durable = true)
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        // SQLite's own waiting looks again after milliseconds; the provider's, after 150 of them.
        connection.Execute(
            durable
                ? "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL"
                : "PRAGMA busy_timeout = 10000; PRAGMA synchronous = NORMAL"
        );
        return connection;
    }
}
