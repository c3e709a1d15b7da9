using IoTGateway.Device.Sensors;

namespace IoTGateway.Device.Wire
{
    /// <summary>
    /// Writes the rows of one sensor as a block (PROTOCOL.md, Block) in the fewest bytes the format has: the interval
    /// once where the rows are evenly spaced, and per field nothing, one value, a series, or a bitmap and a series.
    /// Allocates nothing.
    /// </summary>
    internal static class BlockWriter
    {
        private const byte Missing = 0;
        private const byte Constant = 1;
        private const byte Series = 2;
        private const byte Sparse = 3;

        /// <summary>Rows [from, from + count), count ≥ 1, their times ascending and none before baseMs.</summary>
        public static void Write(WireWriter writer, SensorRows rows, int from, int count, long baseMs)
        {
            writer.U8(rows.SensorId);
            writer.Varint((ulong)count);
            writer.Varint((ulong)(rows.Times[from] - baseMs));
            WriteSpacing(writer, rows.Times, from, count);
            Field[] fields = rows.Sensor.Fields;
            for (int f = 0; f < fields.Length; f++)
                WriteField(writer, fields[f].Type, rows.Values[f], rows.Present[f], from, count);
        }

        private static void WriteSpacing(WireWriter writer, long[] times, int from, int count)
        {
            long interval = count > 1 ? times[from + 1] - times[from] : 0;
            bool uniform = true;
            for (int i = from + 2; i < from + count && uniform; i++)
                uniform = times[i] - times[i - 1] == interval;

            if (uniform && (interval > 0 || count == 1))
            {
                writer.Varint((ulong)interval);
                return;
            }

            // 0 announces gaps, so rows that share one time are spelled out too.
            writer.Varint(0);
            for (int i = from + 1; i < from + count; i++)
                writer.Varint((ulong)(times[i] - times[i - 1]));
        }

        private static void WriteField(WireWriter writer, byte type, long[] values, bool[] present, int from, int count)
        {
            int found = 0;
            bool same = true;
            long first = 0;
            for (int i = from; i < from + count; i++)
            {
                if (!present[i])
                    continue;
                if (found++ == 0)
                    first = values[i];
                same &= values[i] == first;
            }

            if (found == 0)
            {
                writer.U8(Missing);
                return;
            }

            if (found == count && same)
            {
                writer.U8(Constant);
                WriteConstant(writer, type, first);
                return;
            }

            writer.U8(found == count ? Series : Sparse);
            if (found < count)
                WritePresence(writer, present, from, count);
            WriteSeries(writer, type, values, present, from, count);
        }

        private static void WriteConstant(WireWriter writer, byte type, long value)
        {
            if (type == FieldType.Decimal)
                writer.Svarint(value);
            else if (type == FieldType.Float32)
                writer.U32((uint)value);
            else
                writer.U8((byte)(value == 0 ? 0 : 1));
        }

        private static void WritePresence(WireWriter writer, bool[] present, int from, int count)
        {
            int bits = 0;
            for (int i = 0; i < count; i++)
            {
                if (present[from + i])
                    bits |= 1 << (i & 7);
                if ((i & 7) == 7 || i == count - 1)
                {
                    writer.U8((byte)bits);
                    bits = 0;
                }
            }
        }

        private static void WriteSeries(
            WireWriter writer,
            byte type,
            long[] values,
            bool[] present,
            int from,
            int count
        )
        {
            if (type == FieldType.Boolean)
            {
                WriteBooleans(writer, values, present, from, count);
                return;
            }

            long previous = 0;
            for (int i = from; i < from + count; i++)
            {
                if (!present[i])
                    continue;
                if (type == FieldType.Float32)
                    writer.U32((uint)values[i]);
                else
                    writer.Svarint(unchecked(values[i] - previous)); // wraps in 64 bits, as the reader's sum does
                previous = values[i];
            }
        }

        private static void WriteBooleans(WireWriter writer, long[] values, bool[] present, int from, int count)
        {
            int bits = 0;
            int n = 0;
            for (int i = from; i < from + count; i++)
            {
                if (!present[i])
                    continue;
                if (values[i] != 0)
                    bits |= 1 << (n & 7);
                if ((n++ & 7) == 7)
                {
                    writer.U8((byte)bits);
                    bits = 0;
                }
            }

            if ((n & 7) != 0)
                writer.U8((byte)bits);
        }
    }
}
