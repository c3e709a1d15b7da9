using FsCheck;
using FsCheck.Fluent;
using IoTGateway.Fuzz;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Tests.Protocol;

/// <summary>What arrives is anything at all; a decoder answers with a reason and never with an exception.</summary>
public class BadInputTests
{
    [Fact]
    public void A_message_cut_at_any_byte_is_refused() =>
        Holds.For(
            GenerateMessages.Any,
            500,
            message =>
            {
                var block = new RowBlock();
                Assert.Equal(DecodeError.None, AnyMessage.Read(message.Bytes, message.Catalog, block));
                for (var length = 0; length < message.Bytes.Length; length++)
                {
                    var error = AnyMessage.Read(message.Bytes.AsSpan(0, length), message.Catalog, block);
                    Assert.Equal(DecodeError.Truncated, error);
                }
            }
        );

    [Fact]
    public void A_byte_after_the_end_is_refused() =>
        Holds.For(
            GenerateMessages.Any,
            300,
            message =>
                Assert.Equal(
                    DecodeError.TrailingBytes,
                    AnyMessage.Read([.. message.Bytes, 0], message.Catalog, new RowBlock())
                )
        );

    [Fact]
    public void One_spoilt_byte_never_throws() =>
        Holds.For(
            from message in GenerateMessages.Any
            from value in Generate.U8
            select (message, value),
            300,
            input =>
            {
                var (message, value) = input;
                var block = new RowBlock();
                for (var at = 0; at < message.Bytes.Length; at++)
                {
                    var kept = message.Bytes[at];
                    message.Bytes[at] = value;
                    AnyMessage.Read(message.Bytes, message.Catalog, block);
                    message.Bytes[at] = kept;
                }
                Assert.Equal(DecodeError.None, AnyMessage.Read(message.Bytes, message.Catalog, block));
            }
        );

    [Fact]
    public void Random_bytes_never_throw() =>
        Holds.For(
            from length in Gen.Choose(0, 100)
            from bytes in Gen.ArrayOf(Generate.U8, length)
            from catalog in GenerateTelemetry.Catalog
            select new MessageCase(bytes, catalog),
            2_000,
            message =>
            {
                var error = AnyMessage.Read(message.Bytes, message.Catalog, new RowBlock());
                Assert.True(Enum.IsDefined(error));
            }
        );

    [Theory]
    [InlineData(ProtocolLimits.MessageBytes, DecodeError.None)]
    [InlineData(ProtocolLimits.MessageBytes + 1, DecodeError.TooLarge)]
    public void A_message_is_at_most_16_KiB(int length, DecodeError expected)
    {
        var writer = new WireWriter();
        new Reported(1, new string(' ', length - 7)).Write(writer);

        Assert.Equal(length, writer.Length);
        Assert.Equal(expected, AnyMessage.Read(writer.Written, new Catalog([], []), new RowBlock()));
    }

    [Theory]
    [InlineData("telemetry-unknown-sensor", RefusedReason.UnknownSensor)]
    [InlineData("gaps-too-late", RefusedReason.TimeOutOfRange)]
    [InlineData("rows-4097", RefusedReason.TooLarge)]
    [InlineData("sparse-with-nothing", RefusedReason.Malformed)]
    [InlineData("telemetry-bad-varint", RefusedReason.Malformed)]
    public void A_refusal_names_the_message_and_the_reason(string name, RefusedReason expected)
    {
        var vectors = VectorFile.Load();
        var telemetry = new TelemetryReader(vectors[name].Bytes);
        while (telemetry.TryReadBlock(vectors.CatalogOf(vectors[name]), new RowBlock())) { }

        Assert.True(telemetry.HasIdentity);
        Assert.Equal((1u, 1u), (telemetry.Header.Epoch, telemetry.Header.Sequence));
        Assert.Equal(expected, TelemetryReader.ReasonFor(telemetry.Error));
    }

    [Theory]
    [InlineData(8, false)]
    [InlineData(9, true)]
    public void A_cut_TELEMETRY_has_an_identity_once_its_sequence_is_there(int length, bool expected)
    {
        var telemetry = new TelemetryReader(VectorFile.Load()["session-telemetry"].Bytes.AsSpan(0, length));

        Assert.Equal(DecodeError.Truncated, telemetry.Error);
        Assert.Equal(expected, telemetry.HasIdentity);
    }
}
