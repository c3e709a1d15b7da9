using IoTGateway.Journal;
using IoTGateway.Sinks;
using IoTGateway.Sinks.Influx;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Bench.Influx;

/// <summary>Journal records to lines: the part of the sink between the journal and the network.</summary>
internal sealed class BatchLines(SinkFolder folder)
{
    private readonly SinkRows _rows = new(
        folder.Catalogs,
        new SinkCounters(),
        new SkipLog("bench", TimeProvider.System, NullLogger.Instance)
    );
    private readonly LineTemplates _templates = new();

    public uint CatalogHash => folder.CatalogHash;

    /// <summary>Those of the batch encoded last.</summary>
    public LineBatch Lines { get; } = new();

    public void Encode(JournalBatch batch)
    {
        Lines.Clear();
        foreach (ref readonly var record in batch.Records)
        {
            var blocks = _rows.Open(record);
            while (blocks.TryRead())
            {
                var template = _templates.For(record.Device, _rows.Block.Sensor);
                for (var row = 0; row < _rows.Block.Rows; row++)
                    Lines.Add(template, _rows.Block, row, 0);
            }
        }
    }
}
