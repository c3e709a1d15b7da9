using IoTGateway.Bench.Wire;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Bench.History;

/// <summary>The house, once for each device: the rows of a time in batches, as a sink gets them from the journal.</summary>
internal sealed class HouseMonths(HouseData house, Catalog layout, int devices)
{
    public const int RowsPerDay = 144;

    /// <summary>Rows of every sensor in one message: an hour.</summary>
    public const int RowsPerMessage = 6;

    private readonly WireWriter _writer = new(ProtocolLimits.MessageBytes);
    private readonly RowBlock _block = new();
    private long _offset;

    public IEnumerable<string> Devices => Enumerable.Range(0, devices).Select(Name);

    /// <summary>Readings of all devices in some rows.</summary>
    public long Readings(int rows) => (long)rows * house.Columns.Length * devices;

    public static string Name(int device) => $"house-{device:D4}";

    /// <summary>A batch holds one message of each device.</summary>
    public IEnumerable<JournalBatch> Batches(int firstRow, int rows, uint catalog)
    {
        for (var from = firstRow; from < firstRow + rows; from += RowsPerMessage)
        {
            var sequence = (uint)(from / RowsPerMessage) + 1;
            WireSize.Write(_writer, _block, house, layout, from, RowsPerMessage, sequence);
            var body = _writer.ToArray();
            var batch = new JournalBatch();
            foreach (var device in Devices)
                batch.Add(new JournalRecord(new JournalOffset(++_offset), device, 0, catalog, 0, 1, sequence, body));
            // There is no journal behind it: a gateway that goes on with this history starts one at 0.
            batch.End = new JournalOffset(0);
            yield return batch;
        }
    }
}
