using FsCheck;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Tests.Protocol;

/// <summary>Whatever one side writes, the other reads back.</summary>
public class RoundTripTests
{
    private delegate bool TryRead<T>(ReadOnlySpan<byte> message, out T value, out DecodeError error);

    [Fact]
    public void HELLO_reads_back() => ReadsBack(GenerateMessages.Hello, (m, w) => m.Write(w), Hello.TryRead);

    [Fact]
    public void COMMAND_RESULT_reads_back() =>
        ReadsBack(GenerateMessages.CommandResult, (m, w) => m.Write(w), CommandResult.TryRead);

    [Fact]
    public void LOG_reads_back() => ReadsBack(GenerateMessages.Log, (m, w) => m.Write(w), DeviceLog.TryRead);

    [Fact]
    public void REPORTED_reads_back() => ReadsBack(GenerateMessages.Reported, (m, w) => m.Write(w), Reported.TryRead);

    [Fact]
    public void GAP_reads_back() => ReadsBack(GenerateMessages.Gap, (m, w) => m.Write(w), Gap.TryRead);

    [Fact]
    public void BYE_reads_back() => ReadsBack(GenerateMessages.Bye, (m, w) => m.Write(w), Bye.TryRead);

    [Fact]
    public void WELCOME_reads_back() => ReadsBack(GenerateMessages.Welcome, (m, w) => m.Write(w), Welcome.TryRead);

    [Fact]
    public void ACK_reads_back() => ReadsBack(GenerateMessages.Ack, (m, w) => m.Write(w), Ack.TryRead);

    [Fact]
    public void COMMAND_reads_back() => ReadsBack(GenerateMessages.Command, (m, w) => m.Write(w), Command.TryRead);

    [Fact]
    public void DESIRED_reads_back() => ReadsBack(GenerateMessages.Desired, (m, w) => m.Write(w), Desired.TryRead);

    [Fact]
    public void REFUSED_reads_back() => ReadsBack(GenerateMessages.Refused, (m, w) => m.Write(w), Refused.TryRead);

    [Fact]
    public void RETRY_AFTER_reads_back() =>
        ReadsBack(GenerateMessages.RetryAfter, (m, w) => m.Write(w), RetryAfter.TryRead);

    [Fact]
    public void CATALOG_reads_back() =>
        Holds.For(
            GenerateTelemetry.Catalog,
            300,
            catalog =>
            {
                var writer = new WireWriter();
                catalog.Write(writer);
                Assert.True(Catalog.TryRead(writer.Written, out var read, out var error), error.ToString());
                Assert.Equivalent(catalog.Sensors, read.Sensors, strict: true);
                Assert.Equal(catalog.Commands, read.Commands);
                Assert.All(
                    catalog.Sensors,
                    sensor => Assert.Equal(sensor.Measurement, read.Find(sensor.Id)?.Measurement)
                );
            }
        );

    [Fact]
    public void TELEMETRY_reads_back() =>
        Holds.For(
            GenerateTelemetry.Telemetry,
            500,
            written =>
            {
                var reader = new TelemetryReader(written.Encode());
                var block = new RowBlock();
                Assert.Equal(written.Header, reader.Header);
                foreach (var expected in written.Blocks)
                {
                    Assert.True(reader.TryReadBlock(written.Catalog, block), reader.Error.ToString());
                    AssertSame(expected, block);
                }
                Assert.False(reader.TryReadBlock(written.Catalog, block));
                Assert.Equal(DecodeError.None, reader.Error);
            }
        );

    private static void AssertSame(RowBlock expected, RowBlock actual)
    {
        Assert.Same(expected.Sensor, actual.Sensor);
        Assert.Equal(expected.Times, actual.Times);
        Assert.Equal(expected.CountReadings(), actual.CountReadings());
        for (var field = 0; field < expected.Sensor.Fields.Length; field++)
        {
            for (var row = 0; row < expected.Rows; row++)
            {
                Assert.Equal(expected.IsPresent(field, row), actual.IsPresent(field, row));
                if (expected.IsPresent(field, row))
                    Assert.Equal(expected.Raw(field, row), actual.Raw(field, row));
            }
        }
    }

    private static void ReadsBack<T>(Gen<T> messages, Action<T, WireWriter> write, TryRead<T> read) =>
        Holds.For(
            messages,
            200,
            message =>
            {
                var writer = new WireWriter();
                write(message, writer);
                Assert.True(read(writer.Written, out var back, out var error), error.ToString());
                Assert.Equal(message, back);
            }
        );
}
