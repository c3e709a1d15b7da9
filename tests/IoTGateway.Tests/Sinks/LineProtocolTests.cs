using System.Text;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.Influx;

namespace IoTGateway.Tests.Sinks;

public sealed class LineProtocolTests
{
    private static string Line(SensorDescription sensor, string device, params long?[] values)
    {
        var block = new RowBlock();
        block.Reset(sensor, 1);
        block.Times[0] = 1_700_000_000_123;
        for (var field = 0; field < values.Length; field++)
        {
            if (values[field] is { } raw)
                block.Set(field, 0, raw);
        }
        var template = new LineTemplate(device, sensor);
        var target = new byte[template.LongestLine];
        var length = LineProtocolWriter.Write(template, block, 0, target, out _);
        return Encoding.UTF8.GetString(target, 0, length);
    }

    private static string Value(FieldType type, int exponent, long raw)
    {
        var line = Line(new(1, "m", [new FieldDescription("f", "", type, (sbyte)exponent)]), "d", raw);
        Assert.StartsWith("m,device=d f=", line, StringComparison.Ordinal);
        Assert.EndsWith(" 1700000000123\n", line, StringComparison.Ordinal);
        return line["m,device=d f=".Length..^" 1700000000123\n".Length];
    }

    [Theory]
    [InlineData(2137, -2, "21.37")]
    [InlineData(-2137, -2, "-21.37")]
    [InlineData(2100, -2, "21.00")]
    [InlineData(5, -2, "0.05")]
    [InlineData(-5, -2, "-0.05")]
    [InlineData(-5, -1, "-0.5")]
    [InlineData(0, -2, "0")]
    [InlineData(0, 18, "0")]
    [InlineData(7, 0, "7")]
    [InlineData(-7, 3, "-7000")]
    [InlineData(long.MaxValue, 0, "9223372036854775807")]
    [InlineData(long.MinValue, 0, "-9223372036854775808")]
    [InlineData(long.MaxValue, 18, "9223372036854775807000000000000000000")]
    [InlineData(long.MinValue, 18, "-9223372036854775808000000000000000000")]
    [InlineData(long.MinValue, -18, "-9.223372036854775808")]
    [InlineData(long.MaxValue, -18, "9.223372036854775807")]
    [InlineData(1, -18, "0.000000000000000001")]
    public void A_decimal_is_written_with_its_own_digits(long raw, int exponent, string expected) =>
        Assert.Equal(expected, Value(FieldType.Decimal, exponent, raw));

    [Fact]
    public void A_float32_is_written_with_the_shortest_digits_that_read_back()
    {
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            if (!float.IsFinite(value))
                continue;
            var text = Value(FieldType.Float32, 0, FieldValue.FromSingle(value));
            Assert.Equal(value, float.Parse(text));
            Assert.True(text.Length <= 15, text);
        }
        Assert.Equal("0.1", Value(FieldType.Float32, 0, FieldValue.FromSingle(0.1f)));
        Assert.Equal("21.37", Value(FieldType.Float32, 0, FieldValue.FromSingle(21.37f)));
    }

    [Fact]
    public void Booleans_are_words_and_missing_values_have_no_key()
    {
        var sensor = new SensorDescription(
            1,
            "m",
            [new("a", "", FieldType.Boolean, 0), new("b", "", FieldType.Decimal, 0), new("c", "", FieldType.Boolean, 0)]
        );
        Assert.Equal("m,device=d a=true,b=1,c=false 1700000000123\n", Line(sensor, "d", 1, 1, 0));
        Assert.Equal("m,device=d b=1 1700000000123\n", Line(sensor, "d", null, 1, null));
        Assert.Equal("", Line(sensor, "d", null, null, null));
    }

    [Theory]
    [InlineData("a b,c=d", "f,1 2=3", "dev ,=x", "a\\ b\\,c=d,device=dev\\ \\,\\=x f\\,1\\ 2\\=3=1 ")]
    [InlineData("back\\", "slash\\", "d\\\\", "back_,device=d__ slash_=1 ")]
    [InlineData("#comment", "f", "d", "\\#comment,device=d f=1 ")]
    [InlineData("two\nlines", "f\r", "d", "two_lines,device=d f_=1 ")]
    [InlineData("5\" fan", "\"f\"", "d", "5'\\ fan,device=d 'f'=1 ")]
    [InlineData("größe", "°C", "d", "größe,device=d °C=1 ")]
    public void Names_are_escaped(string measurement, string field, string device, string expected)
    {
        var sensor = new SensorDescription(1, measurement, [new FieldDescription(field, "", FieldType.Decimal, 0)]);
        Assert.Equal(expected + "1700000000123\n", Line(sensor, device, 1));
    }

    [Fact]
    public void Writing_rows_allocates_nothing()
    {
        var sensor = new SensorDescription(
            1,
            "m",
            [
                new("d", "", FieldType.Decimal, -2),
                new("f", "", FieldType.Float32, 0),
                new("b", "", FieldType.Boolean, 0),
            ]
        );
        var block = new RowBlock();
        block.Reset(sensor, 1000);
        for (var row = 0; row < block.Rows; row++)
        {
            block.Times[row] = row;
            block.Set(0, row, (row * 37) - 500);
            block.Set(1, row, FieldValue.FromSingle(row / 3f));
            block.Set(2, row, row & 1);
        }
        var lines = new LineBatch();
        var templates = new LineTemplates();
        long allocated = -1;
        // The first turns grow the buffers and compile the code.
        for (var turn = 0; turn < 50; turn++)
        {
            lines.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var template = templates.For("device", sensor);
            for (var row = 0; row < block.Rows; row++)
                lines.Add(template, block, row, 0);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(1000, lines.Lines);
        Assert.Equal(3000, lines.ReadingsOf(0, 1000));
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void A_request_ends_at_its_bounds_and_takes_at_least_one_line()
    {
        var sensor = new SensorDescription(1, "m", [new("f", "", FieldType.Decimal, 0)]);
        var block = new RowBlock();
        block.Reset(sensor, 10);
        var lines = new LineBatch();
        for (var row = 0; row < 10; row++)
        {
            block.Times[row] = row;
            block.Set(0, row, 1);
            lines.Add(new LineTemplates().For("d", sensor), block, row, row);
        }
        var one = lines.Slice(0, 1).Length;
        Assert.Equal(10, lines.EndOfRequest(0, 100, 10_000));
        Assert.Equal(4, lines.EndOfRequest(0, 4, 10_000));
        Assert.Equal(5, lines.EndOfRequest(2, 100, 3 * one));
        Assert.Equal(3, lines.EndOfRequest(2, 100, 1));
        Assert.Equal(10 * one, lines.Slice(0, 10).Length);
    }
}
