using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Sinks.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Bench.History;

/// <summary>The gateway's history in a folder, written by its sink.</summary>
internal sealed class HistoryStore : IDisposable
{
    private static readonly TimeSpan Forever = TimeSpan.FromDays(36_500);

    private readonly HistoryDatabase _database;
    private readonly HistoryDamage _damage = new(NullLogger.Instance);
    private readonly HistorySink _sink;

    public HistoryStore(SinkFolder folder)
    {
        _database = new HistoryDatabase(folder.Path, TimeProvider.System, NullLogger.Instance);
        _sink = new HistorySink(
            _database,
            new HistoryOptions { Retention = Forever },
            folder.Catalogs,
            _damage,
            TimeProvider.System,
            NullLogger<HistorySink>.Instance
        );
    }

    /// <summary>For a gateway that shall find rows of years ago.</summary>
    public static string KeepForever => $"--History:Retention={Forever}";

    public HistoryQuery Query => new(_database, _damage);

    /// <summary>Where the file is.</summary>
    public string File => _database.File;

    public async Task WriteAsync(JournalBatch batch)
    {
        var verdict = await _sink.WriteAsync(batch, CancellationToken.None);
        if (!verdict.Accepted)
            throw new InvalidOperationException(verdict.Reason);
    }

    /// <summary>Runs a statement of the bench's own.</summary>
    public void Execute(string sql, params (string, object?)[] values)
    {
        using var connection = _database.OpenWriter();
        connection.Execute(sql, values);
    }

    /// <summary>Brings all that is in the log into the file.</summary>
    public void Checkpoint() => Execute("PRAGMA wal_checkpoint(TRUNCATE)");

    public void Dispose() => _sink.Dispose();
}
