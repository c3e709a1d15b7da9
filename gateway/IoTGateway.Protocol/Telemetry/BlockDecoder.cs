using System.Buffers.Binary;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Protocol.Telemetry;

/// <summary>Decodes a block after its sensor id (PROTOCOL.md, "Block").</summary>
public static class BlockDecoder
{
    /// <summary>
    /// Reads rows, times and columns into <paramref name="into"/>. Failures are left in the reader.
    /// </summary>
    /// <param name="reader">Stands behind the sensor id.</param>
    /// <param name="sensor">Describes the columns.</param>
    /// <param name="baseMs">Added to every time.</param>
    /// <param name="into">Takes the rows.</param>
    /// <param name="readingsLeft">Rows × fields still allowed; the block's are taken off.</param>
    public static void Read(
        ref WireReader reader,
        SensorDescription sensor,
        long baseMs,
        RowBlock into,
        ref int readingsLeft
    )
    {
        var rows = reader.Count(ProtocolLimits.RowsPerBlock);
        if (reader.Ok && rows == 0)
            reader.Fail(DecodeError.BadValue);
        readingsLeft -= rows * sensor.Fields.Length;
        if (readingsLeft < 0)
            reader.Fail(DecodeError.TooLarge);
        if (!reader.Ok)
            return;
        into.Reset(sensor, rows);
        ReadTimes(ref reader, baseMs, into.Times);
        for (var field = 0; field < sensor.Fields.Length && reader.Ok; field++)
            ReadColumn(ref reader, sensor.Fields[field].Type, into, field);
    }

    private static void ReadTimes(ref WireReader reader, long baseMs, Span<long> times)
    {
        var first = reader.Varint();
        var interval = reader.Varint();
        var time = Add(ref reader, baseMs, first);
        times[0] = time;
        for (var row = 1; row < times.Length && reader.Ok; row++)
            times[row] = time = Add(ref reader, time, interval != 0 ? interval : reader.Varint());
    }

    private static long Add(ref WireReader reader, long time, ulong milliseconds)
    {
        if (milliseconds <= (ulong)(ProtocolLimits.LatestUnixMs - time))
            return time + (long)milliseconds;
        reader.Fail(DecodeError.TimeOutOfRange);
        return time;
    }

    private static void ReadColumn(ref WireReader reader, FieldType type, RowBlock into, int field)
    {
        switch ((ColumnEncoding)reader.U8())
        {
            case ColumnEncoding.Missing:
                break;
            case ColumnEncoding.Constant:
                into.Column(field).Fill(ReadConstant(ref reader, type));
                into.SetAllPresent(field);
                break;
            case ColumnEncoding.Series:
                ReadValues(ref reader, type, into.Column(field));
                into.SetAllPresent(field);
                break;
            case ColumnEncoding.Sparse:
                ReadSparse(ref reader, type, into, field);
                break;
            default:
                reader.Fail(DecodeError.BadValue);
                break;
        }
        if (type == FieldType.Float32 && reader.Ok)
            DropNotFinite(into, field);
    }

    private static long ReadConstant(ref WireReader reader, FieldType type) =>
        type switch
        {
            FieldType.Decimal => reader.Svarint(),
            FieldType.Float32 => (int)reader.U32(),
            _ => reader.Within(0, 1),
        };

    private static void ReadValues(ref WireReader reader, FieldType type, Span<long> values)
    {
        switch (type)
        {
            case FieldType.Decimal:
                long value = 0;
                for (var i = 0; i < values.Length && reader.Ok; i++)
                    values[i] = value = unchecked(value + reader.Svarint());
                break;
            case FieldType.Float32:
                var floats = reader.Take(values.Length * 4);
                for (var i = 0; i < values.Length && reader.Ok; i++)
                    values[i] = BinaryPrimitives.ReadInt32LittleEndian(floats[(i * 4)..]);
                break;
            default:
                var bits = TakeBitmap(ref reader, values.Length);
                for (var i = 0; i < values.Length && reader.Ok; i++)
                    values[i] = (bits[i >> 3] >> (i & 7)) & 1;
                break;
        }
    }

    private static void ReadSparse(ref WireReader reader, FieldType type, RowBlock into, int field)
    {
        var bitmap = TakeBitmap(ref reader, into.Rows);
        var count = 0;
        foreach (var bits in bitmap)
            count += System.Numerics.BitOperations.PopCount(bits);
        if (count == 0)
            reader.Fail(DecodeError.BadValue);
        if (!reader.Ok)
            return;
        // The values present are read to the front of the column, then spread from the back, where none overwrites another.
        var column = into.Column(field);
        ReadValues(ref reader, type, column[..count]);
        for (var row = into.Rows - 1; row >= 0; row--)
        {
            if (((bitmap[row >> 3] >> (row & 7)) & 1) != 0)
                into.Set(field, row, column[--count]);
        }
    }

    private static ReadOnlySpan<byte> TakeBitmap(ref WireReader reader, int bits)
    {
        var bitmap = reader.Take((bits + 7) / 8);
        if (!bitmap.IsEmpty && (bits & 7) != 0 && bitmap[^1] >> (bits & 7) != 0)
            reader.Fail(DecodeError.BadValue);
        return bitmap;
    }

    /// <summary>NaN and the infinities are what a broken sensor yields: no database takes them, so they are missing values.</summary>
    private static void DropNotFinite(RowBlock into, int field)
    {
        for (var row = 0; row < into.Rows; row++)
        {
            if (
                into.IsPresent(field, row) && !float.IsFinite(BitConverter.Int32BitsToSingle((int)into.Raw(field, row)))
            )
                into.Clear(field, row);
        }
    }
}
