using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Sinks.History;

/// <summary>The embedded history: rows into <c>history.db</c>, together with the place in the journal.</summary>
internal sealed partial class HistorySink : ISink, IDisposable
{
    private static readonly TimeSpan ExpireEvery = TimeSpan.FromHours(1);

    private readonly HistoryDamage _damage;
    private readonly ExpiryClock _expiryClock;
    private readonly SinkRows _rows;
    private readonly HistoryOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly HistoryDatabase _database;
    private HistoryWriter? _writer;
    private string? _lost;
    private long? _expiredAt;

    public HistorySink(
        HistoryDatabase database,
        HistoryOptions options,
        CatalogStore catalogs,
        HistoryDamage damage,
        TimeProvider clock,
        ILogger<HistorySink> logger
    )
    {
        _database = database;
        _options = options;
        _clock = clock;
        _expiryClock = new ExpiryClock(clock);
        _logger = logger;
        _damage = damage;
        _rows = new SinkRows(catalogs, Counters, new SkipLog(Name, clock, logger));
    }

    /// <summary>Of the sink and its cursor.</summary>
    public const string SinkName = "history";

    public string Name => SinkName;

    public SinkCounters Counters { get; } = new();

    /// <summary>Stands in the database, in the same transaction as the rows.</summary>
    /// <exception cref="IOException">The database cannot be read now.</exception>
    public JournalOffset? Position
    {
        get
        {
            try
            {
                return Writer.Position;
            }
            catch (SqliteException failure)
            {
                throw new IOException(Explain(failure), failure);
            }
        }
    }

    private HistoryWriter Writer => _writer ??= new HistoryWriter(_database, _damage);

    public ValueTask<SinkVerdict> WriteAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            if ((_lost ?? _database.Suspicion) is { } damage)
                return ValueTask.FromResult(StartOver(damage));
            Store(batch, cancellationToken);
            ExpireWhenDue(cancellationToken);
            return ValueTask.FromResult(SinkVerdict.Accept);
        }
        catch (SqliteException failure)
        {
            // The next attempt, which comes soon, begins a new file.
            if (DamagedFile.Is(failure))
                _lost = failure.Message;
            else
                _writer?.Rollback();
            return ValueTask.FromResult(SinkVerdict.Keep($"{Name}: {Explain(failure)}"));
        }
        catch
        {
            _writer?.Rollback();
            throw;
        }
    }

    public void Dispose() => _writer?.Dispose();

    /// <summary>Begins a new file; what the journal holds is stored again.</summary>
    private SinkVerdict StartOver(string damage)
    {
        // Should the new file fail to come about, no batch may begin it in the middle.
        _lost = damage;
        _writer?.Dispose();
        _writer = null;
        _expiredAt = null;
        _database.Replace(damage);
        _lost = null;
        return SinkVerdict.StartOver(_database.Replaced ?? damage);
    }

    private void Store(JournalBatch batch, CancellationToken cancellationToken)
    {
        long rows = 0,
            readings = 0;
        Writer.Begin();
        foreach (ref readonly var record in batch.Records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var blocks = _rows.Open(record);
            while (blocks.TryRead())
            {
                Writer.Append(record.Device, _rows.Block);
                rows += _rows.Block.Rows;
                readings += _rows.Block.CountReadings();
            }
            var isGap = !record.Body.IsEmpty && record.Body.Span[0] == (byte)MessageType.Gap;
            if (isGap && Gap.TryRead(record.Body.Span, out var gap, out _))
                Writer.Notes.AddGap(record.Device, gap, record.ClockOffsetMs);
            if (LogLine.TryRead(record, out var line))
                Writer.Notes.AddLog(record.Device, line);
        }
        Writer.Commit(batch.End);
        Counters.AddStored(rows, readings);
    }

    private void ExpireWhenDue(CancellationToken cancellationToken)
    {
        var now = _clock.GetTimestamp();
        if (_expiredAt is { } last && _clock.GetElapsedTime(last, now) < ExpireEvery)
            return;
        if (_expiredAt is null && Writer.ExpiredBy is { } lastRun)
            _expiryClock.Remember(lastRun);
        var time = _expiryClock.Now();
        if (_expiryClock.IsInDoubt)
            LogClockInDoubt(_logger, _clock.GetUtcNow(), time, ExpiryClock.BelievedAfter);
        var deleted = Writer.Expire((time - _options.Retention).ToUnixTimeMilliseconds(), time, cancellationToken);
        _expiredAt = now;
        if (deleted > 0)
            LogExpired(_logger, deleted, _options.Retention);
    }

    private string Explain(SqliteException failure)
    {
        const int Full = 13;
        var next = failure.SqliteErrorCode switch
        {
            _ when DamagedFile.IsHeldByAnother(failure) =>
                $"another program has locked the file: end it ('fuser {_database.File}' names it). Nothing is lost "
                    + "meanwhile: the journal keeps it",
            Full => "free disk space, or lower History:Retention",
            _ => "check the disk and the rights on the data folder",
        };
        return $"{_database.File}: {failure.Message}; {next}";
    }

    [LoggerMessage(
        2103,
        LogLevel.Warning,
        "history: this machine's clock says {Wall:u}, but by what passed it should be {Expected:u}: rows are deleted by the "
            + "latter until the clock has stood by it for {Long}. Check the clock (NTP)"
    )]
    private static partial void LogClockInDoubt(
        ILogger logger,
        DateTimeOffset wall,
        DateTimeOffset expected,
        TimeSpan @long
    );

    [LoggerMessage(2101, LogLevel.Information, "history: {Deleted} blocks older than {Retention} are deleted")]
    private static partial void LogExpired(ILogger logger, int deleted, TimeSpan retention);
}
