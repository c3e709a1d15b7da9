using IoTGateway.Protocol.Messages;

namespace IoTGateway.Protocol.Telemetry;

/// <summary>Encodes a <see cref="RowBlock"/>, choosing for times and each column the shortest form that fits.</summary>
public static class BlockEncoder
{
    /// <summary>Writes a block, its sensor id included.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="block">1 to 4,096 rows, times ascending from <paramref name="baseMs"/> on.</param>
    /// <param name="baseMs">Subtracted from the first time.</param>
    /// <exception cref="ArgumentException">The rows are none, too many, or out of order.</exception>
    public static void Write(WireWriter writer, RowBlock block, long baseMs)
    {
        if (block.Rows is 0 or > ProtocolLimits.RowsPerBlock)
            throw new ArgumentException(
                $"A block has 1 to {ProtocolLimits.RowsPerBlock} rows, not {block.Rows}.",
                nameof(block)
            );
        writer.U8(block.Sensor.Id);
        writer.Varint((ulong)block.Rows);
        WriteTimes(writer, block.Times, baseMs);
        for (var field = 0; field < block.Sensor.Fields.Length; field++)
            WriteColumn(writer, block, field);
    }

    private static void WriteTimes(WireWriter writer, ReadOnlySpan<long> times, long baseMs)
    {
        var interval = times.Length > 1 ? times[1] - times[0] : 0;
        var ordered = times[0] >= baseMs;
        var uniform = true;
        for (var row = 1; row < times.Length; row++)
        {
            ordered &= times[row] >= times[row - 1];
            uniform &= times[row] - times[row - 1] == interval;
        }
        if (!ordered)
            throw new ArgumentException("The times of a block ascend from its base.", nameof(times));
        writer.Varint((ulong)(times[0] - baseMs));
        // An interval of 0 announces gaps, so rows at one and the same time are written as gaps of 0.
        writer.Varint(uniform ? (ulong)interval : 0);
        if (uniform && interval != 0)
            return;
        for (var row = 1; row < times.Length; row++)
            writer.Varint((ulong)(times[row] - times[row - 1]));
    }

    private static void WriteColumn(WireWriter writer, RowBlock block, int field)
    {
        var type = block.Sensor.Fields[field].Type;
        var present = block.CountPresent(field);
        if (present == 0)
        {
            writer.U8((byte)ColumnEncoding.Missing);
        }
        else if (present < block.Rows)
        {
            writer.U8((byte)ColumnEncoding.Sparse);
            WritePresence(writer, block, field);
            WriteValues(writer, type, block, field, present);
        }
        else if (!block.Column(field).ContainsAnyExcept(block.Raw(field, 0)))
        {
            writer.U8((byte)ColumnEncoding.Constant);
            WriteConstant(writer, type, block.Raw(field, 0));
        }
        else
        {
            writer.U8((byte)ColumnEncoding.Series);
            WriteValues(writer, type, block, field, present);
        }
    }

    private static void WritePresence(WireWriter writer, RowBlock block, int field)
    {
        var bits = writer.Reserve((block.Rows + 7) / 8);
        bits.Clear();
        for (var row = 0; row < block.Rows; row++)
        {
            if (block.IsPresent(field, row))
                bits[row >> 3] |= (byte)(1 << (row & 7));
        }
    }

    private static void WriteConstant(WireWriter writer, FieldType type, long raw)
    {
        if (type == FieldType.Decimal)
            writer.Svarint(raw);
        else if (type == FieldType.Float32)
            writer.U32((uint)raw);
        else
            writer.U8((byte)raw);
    }

    private static void WriteValues(WireWriter writer, FieldType type, RowBlock block, int field, int present)
    {
        var bits = type == FieldType.Boolean ? writer.Reserve((present + 7) / 8) : default;
        bits.Clear();
        long previous = 0;
        var index = 0;
        for (var row = 0; row < block.Rows; row++)
        {
            if (!block.IsPresent(field, row))
                continue;
            var raw = block.Raw(field, row);
            if (type == FieldType.Decimal)
                writer.Svarint(unchecked(raw - previous));
            else if (type == FieldType.Float32)
                writer.U32((uint)raw);
            else if (raw != 0)
                bits[index >> 3] |= (byte)(1 << (index & 7));
            previous = raw;
            index++;
        }
    }
}
