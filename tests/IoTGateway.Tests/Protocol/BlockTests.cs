using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Tests.Protocol;

public class BlockTests
{
    private static readonly SensorDescription Sensor = new(
        1,
        "climate",
        [
            new("temperature", "Cel", FieldType.Decimal, -2),
            new("raw", "", FieldType.Float32, 0),
            new("open", "", FieldType.Boolean, 0),
            new("rare", "", FieldType.Decimal, 0),
        ]
    );

    private static readonly Catalog Catalog = new([Sensor], []);

    [Fact]
    public void Reading_into_a_warm_block_allocates_nothing()
    {
        var message = Encode(FiveHundredRows());
        var block = new RowBlock();
        Assert.Equal(DecodeError.None, Read(message, block));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Read(message, block);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(500 * 3 + 50, block.CountReadings());
    }

    [Fact]
    public void A_block_takes_4096_rows()
    {
        var written = new RowBlock();
        written.Reset(Sensor, ProtocolLimits.RowsPerBlock);
        for (var row = 0; row < written.Rows; row++)
        {
            written.Times[row] = row;
            written.Set(0, row, row);
        }
        var block = new RowBlock();

        Assert.Equal(DecodeError.None, Read(Encode(written), block));
        Assert.Equal(4096, block.Rows);
        Assert.Equal((4095, 4095), (block.Times[4095], block.Raw(0, 4095)));
    }

    [Fact]
    public void A_small_block_after_a_large_one_shows_nothing_of_it()
    {
        var block = new RowBlock();
        Read(Encode(FiveHundredRows()), block);
        var small = new RowBlock();
        small.Reset(Sensor, 2);
        small.Times[1] = 5;

        Assert.Equal(DecodeError.None, Read(Encode(small), block));
        Assert.Equal([0, 5], block.Times.ToArray());
        Assert.Equal(0, block.CountReadings());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4097)]
    public void A_block_of_no_rows_or_too_many_is_not_written(int rows)
    {
        var block = new RowBlock();
        block.Reset(Sensor, rows);

        Assert.Throws<ArgumentException>(() => BlockEncoder.Write(new WireWriter(), block, 0));
    }

    [Theory]
    [InlineData(100, 10, 5)]
    [InlineData(0, 10, 9)]
    public void Times_that_go_back_are_not_written(long baseMs, long first, long second)
    {
        var block = new RowBlock();
        block.Reset(Sensor, 2);
        block.Times[0] = first;
        block.Times[1] = second;

        Assert.Throws<ArgumentException>(() => BlockEncoder.Write(new WireWriter(), block, baseMs));
    }

    [Theory]
    [InlineData(2137, -2, 21.37)]
    [InlineData(-5, 3, -5000)]
    [InlineData(1, -18, 1e-18)]
    [InlineData(97792, -2, 977.92)]
    public void A_decimal_is_the_double_nearest_to_it(long raw, sbyte exponent, double expected) =>
        Assert.Equal(expected, FieldValue.ToDouble(new("f", "", FieldType.Decimal, exponent), raw));

    [Theory]
    [InlineData(21.37f, 21.37)]
    [InlineData(0.1f, 0.1)]
    [InlineData(-0f, 0)]
    [InlineData(16_777_217f, 16_777_216)]
    public void A_float32_is_the_double_with_its_own_shortest_digits(float value, double expected) =>
        Assert.Equal(expected, FieldValue.ToDouble(new("f", "", FieldType.Float32, 0), FieldValue.FromSingle(value)));

    private static RowBlock FiveHundredRows()
    {
        var block = new RowBlock();
        block.Reset(Sensor, 500);
        for (var row = 0; row < block.Rows; row++)
        {
            block.Times[row] = row * 1000;
            block.Set(0, row, 2000 + (row % 7));
            block.Set(1, row, FieldValue.FromSingle(row / 3f));
            block.Set(2, row, row & 1);
            if (row % 10 == 0)
                block.Set(3, row, row);
        }
        return block;
    }

    private static byte[] Encode(RowBlock block)
    {
        var writer = new WireWriter();
        new TelemetryHeader(1, 1, ClockKind.Unix, 0, 1).Write(writer);
        BlockEncoder.Write(writer, block, 0);
        return writer.ToArray();
    }

    private static DecodeError Read(byte[] message, RowBlock into)
    {
        var telemetry = new TelemetryReader(message);
        while (telemetry.TryReadBlock(Catalog, into)) { }
        return telemetry.Error;
    }
}
