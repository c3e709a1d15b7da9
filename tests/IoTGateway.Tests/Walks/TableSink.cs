using System.Data.Common;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol.Telemetry;
using Microsoft.Extensions.Logging;

namespace IoTGateway.Sinks.Table;

/// <summary>Rows into one table of any database that has an ADO.NET driver and knows INSERT OR REPLACE.</summary>
internal sealed class TableSink(
    Func<DbConnection> open,
    CatalogStore catalogs,
    TimeProvider clock,
    ILogger<TableSink> logger
) : ISink, IDisposable
{
    private readonly SkipLog _skipped = new("table", clock, logger);
    private SinkRows? _rows;

    public string Name => "table";

    public SinkCounters Counters { get; } = new();

    /// <summary>The journal keeps the place: the table's key makes a repeat change nothing.</summary>
    public JournalOffset? Position => null;

    public async ValueTask<SinkVerdict> WriteAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = open();
            await connection.OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var (rows, readings) = Insert(connection, batch);
            await transaction.CommitAsync(cancellationToken);
            Counters.AddStored(rows, readings);
            return SinkVerdict.Accept;
        }
        catch (DbException failure)
        {
            return SinkVerdict.Keep($"table: {failure.Message}; is the database there, and has it the table?");
        }
    }

    public void Dispose() { }

    private (long Rows, long Readings) Insert(DbConnection connection, JournalBatch batch)
    {
        _rows ??= new SinkRows(catalogs, Counters, _skipped);
        long rows = 0,
            readings = 0;
        foreach (ref readonly var record in batch.Records)
        {
            var blocks = _rows.Open(record);
            while (blocks.TryRead())
            {
                rows += _rows.Block.Rows;
                readings += Insert(connection, record.Device, _rows.Block);
            }
        }
        return (rows, readings);
    }

    private static long Insert(DbConnection connection, string device, RowBlock block)
    {
        long readings = 0;
        for (var row = 0; row < block.Rows; row++)
        for (var field = 0; field < block.Sensor.Fields.Length; field++)
        {
            if (!block.IsPresent(field, row))
                continue;
            readings += connection.Execute(
                "INSERT OR REPLACE INTO readings VALUES ($device, $measurement, $field, $ms, $value)",
                ("$device", device),
                ("$measurement", block.Sensor.Measurement),
                ("$field", block.Sensor.Fields[field].Name),
                ("$ms", block.Times[row]),
                ("$value", FieldValue.ToDouble(block.Sensor.Fields[field], block.Raw(field, row)))
            );
        }
        return readings;
    }
}
