using IoTGateway.Device.Sensors;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Wire;

/// <summary>The inverse of BlockWriter, written from the protocol and not from it.</summary>
internal static class BlockReader
{
    public static Block Read(WireReader r, Field[][] catalog, ulong baseMs)
    {
        var sensor = r.U8();
        var rows = r.Count(ProtocolLimits.RowsPerBlock);
        DeviceMessageReader.FailUnless(r, sensor < catalog.Length && rows >= 1);
        if (r.Failed)
            return new Block(sensor, [], []);

        var times = new long[rows];
        times[0] = unchecked((long)(baseMs + r.Varint()));
        var interval = r.Varint();
        for (var i = 1; i < rows; i++)
            times[i] = unchecked(times[i - 1] + (long)(interval != 0 ? interval : r.Varint()));
        return new Block(sensor, times, [.. catalog[sensor].Select(f => Field(r, f.Type, rows))]);
    }

    private static long?[] Field(WireReader r, byte type, int rows)
    {
        var values = new long?[rows];
        switch (r.U8())
        {
            case 0:
                break;
            case 1:
                Array.Fill(values, Constant(r, type));
                break;
            case 2:
                Series(r, type, rows).Select(v => (long?)v).ToArray().CopyTo(values, 0);
                break;
            case 3:
                Sparse(r, type, values);
                break;
            default:
                r.Fail();
                break;
        }

        return values;
    }

    private static void Sparse(WireReader r, byte type, long?[] values)
    {
        var present = Bits(r, values.Length);
        var found = present.Count(p => p);
        DeviceMessageReader.FailUnless(r, found > 0);
        var series = Series(r, type, found);
        for (int i = 0, n = 0; i < values.Length; i++)
        {
            if (present[i])
                values[i] = series[n++];
        }
    }

    private static long Constant(WireReader r, byte type)
    {
        if (type == FieldType.Decimal)
            return r.Svarint();
        if (type == FieldType.Float32)
            return r.U32();
        var value = r.U8();
        DeviceMessageReader.FailUnless(r, value <= 1);
        return value;
    }

    private static long[] Series(WireReader r, byte type, int count)
    {
        if (type == FieldType.Boolean)
            return [.. Bits(r, count).Select(b => b ? 1L : 0L)];

        var values = new long[count];
        for (var i = 0; i < count; i++)
            values[i] = type == FieldType.Float32 ? r.U32() : unchecked((i == 0 ? 0 : values[i - 1]) + r.Svarint());
        return values;
    }

    private static bool[] Bits(WireReader r, int count)
    {
        var bits = new bool[count];
        for (var i = 0; i < (count + 7) / 8; i++)
        {
            var octet = r.U8();
            for (var b = 0; b < 8; b++)
            {
                if (i * 8 + b < count)
                    bits[i * 8 + b] = (octet >> b & 1) != 0;
                else
                    DeviceMessageReader.FailUnless(r, (octet >> b & 1) == 0);
            }
        }

        return bits;
    }
}
