using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks;

/// <summary>
/// Turns journal records into blocks of rows with Unix times. One per sink: its block is filled again and again, so a
/// reading allocates nothing.
/// </summary>
/// <example>
/// <code>
/// var blocks = rows.Open(record);
/// while (blocks.TryRead())
///     Store(record.Device, rows.Block);
/// </code>
/// </example>
internal sealed class SinkRows(CatalogStore catalogs, SinkCounters counters, SkipLog skipped)
{
    /// <summary>The rows last read, in Unix milliseconds.</summary>
    public RowBlock Block { get; } = new();

    /// <summary>Starts on a record. One that is no TELEMETRY yields no blocks, and is none of our business.</summary>
    public Blocks Open(in JournalRecord record) => new(this, record);

    private Catalog? CatalogOf(in JournalRecord record)
    {
        var catalog = catalogs.Find(record.Device, record.CatalogHash);
        if (catalog is null)
        {
            counters.AddUnknownCatalogRecord();
            skipped.UnknownCatalog(record.Device, record.Offset.Value, record.CatalogHash);
        }
        return catalog;
    }

    private void Damaged(in JournalRecord record, DecodeError error)
    {
        counters.AddDamagedRecord();
        skipped.DamagedRecord(record.Device, record.Offset.Value, error);
    }

    /// <summary>Puts the block's times on the wall clock. False: they cannot be, and the block is skipped.</summary>
    private bool Settle(in JournalRecord record)
    {
        var times = Block.Times;
        // 0 where the device's clock was set.
        var offset = record.ClockOffsetMs;
        // Times ascend within a block, and are 0 … LatestUnixMs without the offset: the sums below cannot overflow
        // unless the offset itself is absurd.
        var absurd = offset is > ProtocolLimits.LatestUnixMs or < -ProtocolLimits.LatestUnixMs;
        if (absurd || times[0] + offset < 0 || times[^1] + offset > ProtocolLimits.LatestUnixMs)
        {
            counters.AddImpossibleTimes(times.Length);
            skipped.ImpossibleTime(record.Device, record.Offset.Value, times[0], offset);
            return false;
        }
        if (offset != 0)
        {
            foreach (ref var time in times)
                time += offset;
        }
        return true;
    }

    /// <summary>The blocks of one record.</summary>
    public ref struct Blocks
    {
        private readonly SinkRows _rows;
        private readonly ref readonly JournalRecord _record;
        private readonly Catalog? _catalog;
        private TelemetryReader _reader;

        internal Blocks(SinkRows rows, in JournalRecord record)
        {
            _rows = rows;
            _record = ref record;
            var body = record.Body.Span;
            if (body.IsEmpty || body[0] != (byte)MessageType.Telemetry)
                return;
            _reader = new TelemetryReader(body);
            _catalog = rows.CatalogOf(record);
        }

        /// <summary>Reads the next block into <see cref="Block"/>; false at the record's end or at its first damage.</summary>
        public bool TryRead()
        {
            if (_catalog is null)
                return false;
            while (_reader.TryReadBlock(_catalog, _rows.Block))
            {
                if (_rows.Settle(_record))
                    return true;
            }
            if (_reader.Error != DecodeError.None)
                _rows.Damaged(_record, _reader.Error);
            return false;
        }
    }
}
