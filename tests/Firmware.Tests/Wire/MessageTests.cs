using IoTGateway.Device.Wire;

namespace Firmware.Tests.Wire;

/// <summary>Bytes computed by hand from the protocol's tables.</summary>
public class MessageTests
{
    private readonly WireWriter _writer = new(ProtocolLimits.MessageBytes);

    [Fact]
    public void HELLO_is_written_as_specified()
    {
        DeviceMessages.Hello(_writer, 7, 1, 0x0102030405060708, 0xA1B2C3D4, "0.1", "esp", 2);

        AssertWritten("01 01 07000000 01 0807060504030201 D4C3B2A1 0010 03302E31 03657370 02");
        Assert.Equal(7u, DeviceMessageReader.Hello(_writer.ToArray())?.Epoch);
    }

    [Fact]
    public void COMMAND_RESULT_is_written_as_specified()
    {
        DeviceMessages.CommandResult(_writer, Enumerable.Range(1, 16).Select(i => (byte)i).ToArray(), 3, "{}");

        AssertWritten("04 0102030405060708090A0B0C0D0E0F10 03 027B7D");
    }

    [Fact]
    public void GAP_LOG_REPORTED_and_BYE_are_written_as_specified()
    {
        DeviceMessages.Gap(_writer, 1, 0, 2, 258, 300);
        AssertWritten("07 01000000 00 0200000000000000 0201000000000000 AC02");
        DeviceMessages.Log(_writer, 3, 1, 5, "net", "up");
        AssertWritten("05 03 01 0500000000000000 036E6574 027570");
        DeviceMessages.Reported(_writer, 9, "{}");
        AssertWritten("06 09000000 027B7D");
        DeviceMessages.Bye(_writer, 1, 60);
        AssertWritten("08 01 3C000000");
    }

    [Fact]
    public void Every_gateway_message_is_read_and_refused_when_cut_or_continued()
    {
        AssertWholeOnly(GatewayBytes.Welcome(5, 3, true), r => new Welcome().TryRead(r));
        AssertWholeOnly(GatewayBytes.Ack(1, 2), r => new Ack().TryRead(r));
        AssertWholeOnly(GatewayBytes.Command(Guid.NewGuid(), 5, "led", "{}"), r => new Command().TryRead(r));
        AssertWholeOnly(GatewayBytes.Desired(1, "{}"), r => new Desired().TryRead(r));
        AssertWholeOnly(GatewayBytes.Refused(1, 2, 4), r => new Refused().TryRead(r));
        AssertWholeOnly(GatewayBytes.RetryAfter(7), r => new RetryAfter().TryRead(r));
    }

    [Fact]
    public void WELCOME_carries_its_values()
    {
        var welcome = new Welcome();
        Assert.True(welcome.TryRead(Body(GatewayBytes.Welcome(5, 3, true))));

        Assert.Equal((long)GatewayBytes.NowMs, welcome.NowMs);
        Assert.Equal(5u, welcome.LastSequence);
        Assert.Equal(30, welcome.PingSeconds);
        Assert.Equal(16384, welcome.MaxMessageBytes);
        Assert.Equal(3, welcome.Window);
        Assert.True(welcome.WantsCatalog);
    }

    [Fact]
    public void Another_protocol_version_is_refused()
    {
        var message = GatewayBytes.Welcome(0, 4, false);
        message[1] = 2;

        Assert.False(new Welcome().TryRead(Body(message)));
    }

    private static void AssertWholeOnly(byte[] message, Func<WireReader, bool> tryRead)
    {
        Assert.True(tryRead(Body(message)));
        Assert.False(tryRead(Body([.. message, 0])));
        for (var length = 1; length < message.Length; length++)
            Assert.False(tryRead(Body(message[..length])), $"cut to {length} bytes");
    }

    private static WireReader Body(byte[] message)
    {
        var reader = new WireReader();
        reader.Reset(message, 1, message.Length - 1);
        return reader;
    }

    private void AssertWritten(string hex) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(_writer.ToArray()));
}
