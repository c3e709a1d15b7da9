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

    private readonly HistoryWriter _writer;
    private readonly SinkRows _rows;
    private readonly HistoryOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly HistoryDatabase _database;
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
        _logger = logger;
        _writer = new HistoryWriter(database, damage);
        _rows = new SinkRows(catalogs, Counters, new SkipLog(Name, clock, logger));
    }

    public string Name => "history";

    public SinkCounters Counters { get; } = new();

    /// <summary>Stands in the database, in the same transaction as the rows.</summary>
    public JournalOffset? Position => _writer.Position;

    public ValueTask<SinkVerdict> WriteAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            Store(batch, cancellationToken);
            ExpireWhenDue(cancellationToken);
            return ValueTask.FromResult(SinkVerdict.Accept);
        }
        catch (SqliteException failure)
        {
            _writer.Rollback();
            return ValueTask.FromResult(SinkVerdict.Keep(Explain(failure)));
        }
        catch
        {
            _writer.Rollback();
            throw;
        }
    }

    public void Dispose() => _writer.Dispose();

    private void Store(JournalBatch batch, CancellationToken cancellationToken)
    {
        long rows = 0,
            readings = 0;
        _writer.Begin();
        foreach (ref readonly var record in batch.Records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var blocks = _rows.Open(record);
            while (blocks.TryRead())
            {
                _writer.Append(record.Device, _rows.Block);
                rows += _rows.Block.Rows;
                readings += _rows.Block.CountReadings();
            }
            var isGap = !record.Body.IsEmpty && record.Body.Span[0] == (byte)MessageType.Gap;
            if (isGap && Gap.TryRead(record.Body.Span, out var gap, out _))
                _writer.AddGap(record.Device, gap, record.ClockOffsetMs);
            if (LogLine.TryRead(record, out var line))
                _writer.AddLog(record.Device, line);
        }
        _writer.Commit(batch.End);
        Counters.AddStored(rows, readings);
    }

    private void ExpireWhenDue(CancellationToken cancellationToken)
    {
        var now = _clock.GetTimestamp();
        if (_expiredAt is { } last && _clock.GetElapsedTime(last, now) < ExpireEvery)
            return;
        var before = (_clock.GetUtcNow() - _options.Retention).ToUnixTimeMilliseconds();
        var deleted = _writer.Expire(before, cancellationToken);
        _expiredAt = now;
        if (deleted > 0)
            LogExpired(_logger, deleted, _options.Retention);
    }

    private string Explain(SqliteException failure)
    {
        const int Corrupt = 11;
        const int Full = 13;
        const int NotADatabase = 26;
        var next = failure.SqliteErrorCode switch
        {
            Full => "free disk space, or lower History:Retention",
            Corrupt or NotADatabase =>
                "the file is damaged: stop the gateway and restore a backup, or move the file away; what the journal "
                    + "still holds is stored again",
            _ => "check the disk and the rights on the data folder",
        };
        return $"history: {_database.File}: {failure.Message}; {next}";
    }

    [LoggerMessage(2101, LogLevel.Information, "history: {Deleted} blocks older than {Retention} are deleted")]
    private static partial void LogExpired(ILogger logger, int deleted, TimeSpan retention);
}
