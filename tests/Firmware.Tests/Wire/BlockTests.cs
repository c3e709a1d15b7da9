using IoTGateway.Device.Sensors;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Wire;

public class BlockTests
{
    private static readonly Field[] Decimal = [new("v", "", FieldType.Decimal, 0)];
    private static readonly Field[] Boolean = [new("b", "", FieldType.Boolean, 0)];
    private static readonly Field[] Float = [new("f", "", FieldType.Float32, 0)];

    [Fact]
    public void Even_spacing_is_one_interval_and_equal_values_are_one_constant()
    {
        Assert.Equal("00 03 05 64 01 54", Write(Decimal, [1005, 1105, 1205], [42, 42, 42]));
    }

    [Fact]
    public void Uneven_spacing_is_gaps_and_a_series_is_differences()
    {
        Assert.Equal("00 03 00 00 01 02 02 14 02 01", Write(Decimal, [1000, 1001, 1003], [10, 11, 10]));
    }

    [Fact]
    public void Rows_of_one_time_spell_their_gaps_out()
    {
        Assert.Equal("00 02 00 00 00 01 00", Write(Decimal, [1000, 1000], [0, 0]));
    }

    [Fact]
    public void One_row_has_neither_interval_nor_gap()
    {
        Assert.Equal("00 01 00 00 01 02", Write(Decimal, [1000], [1]));
    }

    [Fact]
    public void Missing_values_are_a_presence_bitmap_or_nothing_at_all()
    {
        Assert.Equal("00 03 00 01 03 05 02 02", Write(Decimal, [1000, 1001, 1002], [1, null, 2]));
        Assert.Equal("00 02 00 01 00", Write(Decimal, [1000, 1001], [null, null]));
    }

    [Fact]
    public void Booleans_are_bitmaps_with_zero_padding()
    {
        Assert.Equal("00 03 00 01 02 05", Write(Boolean, [1000, 1001, 1002], [1, 0, 1]));
        Assert.Equal("00 03 00 01 03 06 01", Write(Boolean, [1000, 1001, 1002], [null, 1, 0]));
        Assert.Equal("00 02 00 01 01 01", Write(Boolean, [1000, 1001], [1, 1]));
    }

    [Fact]
    public void Floats_are_their_bits()
    {
        var bits = (long)BitConverter.SingleToUInt32Bits(1.5f);

        Assert.Equal("00 01 00 00 01 00 00 C0 3F", Write(Float, [1000], [bits]));
        Assert.Equal("00 02 00 01 02 00 00 C0 3F 00 00 00 00", Write(Float, [1000, 1001], [bits, 0]));
    }

    [Fact]
    public void Differences_wrap_in_64_bits_and_come_back()
    {
        long?[] extremes = [long.MinValue, long.MaxValue, 0, long.MinValue];

        AssertRoundTrip(Decimal, [1000, 1001, 1002, 1003], extremes);
    }

    [Fact]
    public void Whatever_is_written_is_read_back()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var fields =
                round % 3 == 0 ? Decimal
                : round % 3 == 1 ? Boolean
                : Float;
            var rows = 1 + random.Next(40);
            var times = new long[rows];
            times[0] = 1000 + random.Next(100);
            for (var i = 1; i < rows; i++)
                times[i] = times[i - 1] + (round % 2 == 0 ? 250 : random.Next(1000));
            var missing = random.Next(3) * 40;
            long?[] values =
            [
                .. times.Select(_ => random.Next(100) < missing ? (long?)null : Value(random, fields[0].Type)),
            ];
            AssertRoundTrip(fields, times, values);
        }
    }

    private static long Value(Random random, byte type) =>
        type switch
        {
            FieldType.Boolean => random.Next(2),
            FieldType.Float32 => random.NextInt64(uint.MaxValue),
            _ => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
        };

    private static void AssertRoundTrip(Field[] fields, long[] times, long?[] values)
    {
        var bytes = Convert.FromHexString(Write(fields, times, values).Replace(" ", "", StringComparison.Ordinal));
        var reader = new WireReader();
        reader.Reset(bytes, 0, bytes.Length);
        var block = BlockReader.Read(reader, [fields], 1000);

        Assert.True(reader.Complete);
        Assert.Equal(times, block.TimesMs);
        Assert.Equal(values, block.Values[0]);
    }

    private static string Write(Field[] fields, long[] times, long?[] values)
    {
        var rows = new SensorRows(0, new FixedSensor(fields), times.Length);
        for (var i = 0; i < times.Length; i++)
            rows.Add(times[i], [values[i] ?? 0], [values[i] is not null]);
        var writer = new WireWriter(ProtocolLimits.MessageBytes);
        BlockWriter.Write(writer, rows, 0, times.Length, 1000);
        return Convert
            .ToHexString(writer.ToArray())
            .Chunk(2)
            .Select(c => new string(c))
            .Aggregate((a, b) => a + " " + b);
    }

    private sealed class FixedSensor(Field[] fields) : ISensor
    {
        public string Measurement => "fixed";

        public Field[] Fields => fields;

        public bool TryRead(long[] values, bool[] present) => false;
    }
}
