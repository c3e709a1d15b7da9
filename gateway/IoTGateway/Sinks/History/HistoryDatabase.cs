using IoTGateway.Devices;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Sinks.History;

/// <summary>The file <c>history.db</c>: its tables, and connections to it.</summary>
/// <remarks>
/// WAL, so that readers see the state of the last commit and never wait for the writer, nor it for them.
/// synchronous = FULL: once a commit returns, the journal may delete what it held, so the commit must be on disk. It is
/// one sync per batch, at most one batch a second when caught up.
/// </remarks>
internal sealed partial class HistoryDatabase
{
    // A pooled connection keeps its pragmas: a reader's must never serve a writer.
    private readonly string _readers;
    private readonly string _writers;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private bool _isPrepared;
    private volatile string? _suspicion;
    private int _isChecking;

    /// <summary>Opens or creates the file in a data folder; one that is damaged is put aside, one that is locked waits.</summary>
    public HistoryDatabase(string dataFolder, TimeProvider clock, ILogger logger)
    {
        SQLitePCL.Batteries_V2.Init();
        Directory.CreateDirectory(dataFolder);
        (_clock, _logger) = (clock, logger);
        File = Path.Combine(dataFolder, "history.db");
        // A request should hear soon that the file is locked; the writer has time.
        _readers = new SqliteConnectionStringBuilder { DataSource = File, DefaultTimeout = 2 }.ToString();
        _writers = new SqliteConnectionStringBuilder
        {
            DataSource = File,
            DefaultTimeout = 5,
            Pooling = false,
        }.ToString();
        try
        {
            EnsurePrepared();
        }
        catch (SqliteException failure) when (DamagedFile.IsHeldByAnother(failure))
        {
            // Telemetry is safe in the journal meanwhile: no reason not to start.
        }
    }

    /// <summary>The newest row of every series.</summary>
    public LastRows LastRows { get; } = new();

    /// <summary>Where the file is.</summary>
    public string File { get; }

    /// <summary>What became of a damaged file, for a person; null where there was none since the start.</summary>
    public string? Replaced { get; private set; }

    /// <summary>What somebody met who read the file, if it was damage; the sink then begins a new one.</summary>
    public string? Suspicion => _suspicion;

    /// <summary>Tells of damage that somebody met who may have read this file or another: it is looked through.</summary>
    public void Suspect(SqliteException failure)
    {
        if (!DamagedFile.Is(failure) || Interlocked.Exchange(ref _isChecking, 1) != 0)
            return;
        try
        {
            using var connection = OpenReader();
            using var check = connection.Command("PRAGMA quick_check(1)");
            if (check.ExecuteScalar() is string found and not "ok")
                _suspicion = found;
        }
        catch (SqliteException damage) when (DamagedFile.Is(damage))
        {
            _suspicion = damage.Message;
        }
        catch (SqliteException)
        {
            // It cannot be looked through now; whoever meets the damage next asks again.
        }
        finally
        {
            Volatile.Write(ref _isChecking, 0);
        }
    }

    /// <summary>Puts the damaged file aside and begins a new one. No connection of the writer may be open.</summary>
    public void Replace(string damage)
    {
        lock (_lock)
        {
            SqliteConnection.ClearPool(new SqliteConnection(_readers));
            var aside = DamagedFile.PutAside(File, _clock);
            _suspicion = null;
            _isPrepared = false;
            LastRows.Clear();
            Replaced =
                $"history.db was damaged ({damage}): it is kept as {aside}, and a new one is filled from the journal as far "
                + "back as that reaches. Check the disk; what is only in the damaged file, 'sqlite3 … .recover' may save";
            LogReplaced(_logger, Replaced);
        }
        EnsurePrepared();
    }

    /// <summary>A connection that may write; there is one writer at a time.</summary>
    public SqliteConnection OpenWriter()
    {
        EnsurePrepared();
        return Connect();
    }

    /// <summary>A connection of the pool for reading; dispose it soon: an open read keeps the WAL from shrinking.</summary>
    public SqliteConnection OpenReader()
    {
        EnsurePrepared();
        var connection = new SqliteConnection(_readers);
        connection.Open();
        connection.Execute("PRAGMA query_only = 1");
        return connection;
    }

    private void EnsurePrepared()
    {
        lock (_lock)
        {
            if (_isPrepared)
                return;
            if (DamagedFile.IsEmpty(File))
                Replace("it was empty");
            if (_isPrepared)
                return;
            try
            {
                Prepare();
            }
            catch (SqliteException failure) when (DamagedFile.Is(failure))
            {
                Replace(failure.Message);
                return;
            }
            _isPrepared = true;
        }
    }

    private void Prepare()
    {
        using var connection = Connect();
        // Small pages: commits touch many of them for a few bytes each, and a block's last page is half empty.
        connection.Execute("PRAGMA page_size = 1024");
        connection.Execute("PRAGMA journal_mode = WAL");
        RequireVersion(connection);
        connection.Execute(HistorySchema.Text);
        connection.Execute($"PRAGMA user_version = {HistorySchema.Version}");
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_writers);
        try
        {
            connection.Open();
            connection.Execute("PRAGMA synchronous = FULL");
            connection.Execute("PRAGMA journal_size_limit = 16777216");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void RequireVersion(SqliteConnection connection)
    {
        using var command = connection.Command("PRAGMA user_version");
        var version = (long)(command.ExecuteScalar() ?? 0L);
        if (version > HistorySchema.Version)
            throw new InvalidOperationException(
                $"{File} was written by a newer gateway (schema {version}; this one reads up to {HistorySchema.Version}). "
                    + "Run that version again, or move the file away to start an empty history."
            );
    }

    [LoggerMessage(2102, LogLevel.Error, "{What}")]
    private static partial void LogReplaced(ILogger logger, string what);
}
