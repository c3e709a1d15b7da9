using System.Buffers;
using System.Text;
using IoTGateway.Fuzz;
using IoTGateway.Mqtt;
using IoTGateway.Mqtt.Packets;

namespace IoTGateway.Tests.Mqtt;

public class PacketTests
{
    private static readonly MqttOptions Options = new() { Brokers = [new MqttBroker("broker", 1883, false)] };

    private static string Written(Action<PacketWriter> write)
    {
        var writer = new PacketWriter();
        write(writer);
        return Convert.ToHexStringLower(writer.Written.Span);
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static (byte First, byte[] Body) Framed(byte[] packet)
    {
        var status = Frame.TryRead(new ReadOnlySequence<byte>(packet), 1 << 28, out var first, out var body);
        Assert.Equal(FrameStatus.Complete, status);
        Assert.Equal(packet.Length, 1 + PacketWriter.VarIntBytes((int)body.Length) + body.Length);
        return (first, body.ToArray());
    }

    [Theory] // MQTT 5.0 §1.5.5, table 1-1
    [InlineData(0, "00")]
    [InlineData(127, "7f")]
    [InlineData(128, "8001")]
    [InlineData(16_383, "ff7f")]
    [InlineData(16_384, "808001")]
    [InlineData(2_097_151, "ffff7f")]
    [InlineData(2_097_152, "80808001")]
    [InlineData(268_435_455, "ffffff7f")]
    public void Lengths_are_those_of_the_specifications_table(int value, string hex)
    {
        Assert.Equal(hex, Written(writer => writer.VarInt(value)));
        Assert.Equal(hex.Length / 2, PacketWriter.VarIntBytes(value));
        var reader = new PacketReader(Bytes(hex));
        Assert.Equal(value, reader.VarInt());
        Assert.True(reader.Finish(out _));
    }

    [Fact] // MQTT 3.1.1 §3.1, figures 3.2 to 3.6 and the specification's values there
    public void A_CONNECT_of_3_1_1_is_what_the_specification_says()
    {
        var options = new MqttOptions
        {
            Brokers = Options.Brokers,
            User = "u",
            Password = "pw",
            KeepAlive = TimeSpan.FromSeconds(10),
            Will = new MqttWill("w/t", "off"u8.ToArray(), MqttQos.AtLeastOnce, Retain: true),
        };
        Assert.Equal(
            "1020" // type, length
                + "00044d51545404" // protocol name and level
                + "ec" // user, password, will retain, will QoS 1, will; session kept
                + "000a" // keep alive
                + "0003636964" // client identifier
                + "0003772f74"
                + "00036f6666" // will
                + "000175"
                + "00027077",
            Written(writer => Connect.Write(writer, MqttVersion.V311, "cid", false, options))
        );
    }

    [Fact] // MQTT 5.0 §3.1
    public void A_CONNECT_of_5_0_states_session_expiry_receive_maximum_and_largest_packet()
    {
        var options = new MqttOptions
        {
            Brokers = Options.Brokers,
            SessionExpiry = TimeSpan.FromSeconds(3600),
            ReceiveMaximum = 10,
            LargestPacket = 65_536,
            Will = new MqttWill("w", Array.Empty<byte>(), MqttQos.AtMostOnce, Retain: false),
        };
        Assert.Equal(
            "1020"
                + "00044d51545405"
                + "06"
                + "001e"
                + "0d"
                + "1100000e10"
                + "21000a"
                + "2700010000"
                + "0000"
                + "00"
                + "000177"
                + "0000",
            Written(writer => Connect.Write(writer, MqttVersion.V5, "", true, options))
        );
    }

    [Fact] // MQTT 3.1.1 §3.8.3, figure 3.23, the first of the two filters
    public void A_SUBSCRIBE_is_what_the_specification_says()
    {
        Assert.Equal(
            "8208000a0003612f6201",
            Written(writer => Subscribe.Write(writer, MqttVersion.V311, 10, "a/b", MqttQos.AtLeastOnce))
        );
        Assert.Equal(
            "8209000a000003612f6200",
            Written(writer => Subscribe.Write(writer, MqttVersion.V5, 10, "a/b", MqttQos.AtMostOnce))
        );
        // MQTT 5.0 §3.8.3.1: bit 3 of the options; reserved in 3.1.1.
        Assert.Equal(
            "8209000a000003612f6209",
            Written(writer => Subscribe.Write(writer, MqttVersion.V5, 10, "a/b", MqttQos.AtLeastOnce, true))
        );
        Assert.Equal(
            "8208000a0003612f6201",
            Written(writer => Subscribe.Write(writer, MqttVersion.V311, 10, "a/b", MqttQos.AtLeastOnce, true))
        );
    }

    [Theory] // MQTT 3.1.1 §3.3.2.3, figure 3.11, and with a payload
    [InlineData(MqttVersion.V311, "3209 0003 612f62 000a 6869", false)]
    [InlineData(MqttVersion.V5, "320a 0003 612f62 000a 00 6869", false)]
    [InlineData(MqttVersion.V5, "3a0a 0003 612f62 000a 00 6869", true)]
    public void A_PUBLISH_is_what_the_specification_says_both_ways(MqttVersion version, string hex, bool duplicate)
    {
        var packet = Bytes(hex);
        Assert.Equal(
            Convert.ToHexStringLower(packet),
            Written(writer =>
                new Publish
                {
                    Topic = "a/b"u8,
                    Payload = "hi"u8,
                    Id = 10,
                    Qos = MqttQos.AtLeastOnce,
                    Duplicate = duplicate,
                }.Write(writer, version)
            )
        );
        Assert.Equal(packet.Length, Publish.LengthOf(3, 2, MqttQos.AtLeastOnce, version));
        var (first, body) = Framed(packet);
        Assert.True(Publish.TryRead(first & 15, body, version, out var read, out var error), $"{error}");
        Assert.Equal(("a/b", "hi"), (Encoding.UTF8.GetString(read.Topic), Encoding.UTF8.GetString(read.Payload)));
        Assert.Equal(((ushort)10, MqttQos.AtLeastOnce, duplicate), (read.Id, read.Qos, read.Duplicate));
    }

    [Fact]
    public void The_small_packets_are_what_the_specification_says()
    {
        Assert.Equal("c000", Written(Ping.WriteRequest));
        Assert.Equal("40020102", Written(writer => PubAck.Write(writer, 0x0102)));
        Assert.Equal("e000", Written(writer => Disconnect.Write(writer, MqttVersion.V5, 0)));
        Assert.Equal("e00193", Written(writer => Disconnect.Write(writer, MqttVersion.V5, 0x93)));
        Assert.Equal("e000", Written(writer => Disconnect.Write(writer, MqttVersion.V311, 0x93)));
    }

    [Fact] // MQTT 5.0 §3.2.2.3
    public void A_CONNACK_tells_every_limit_of_the_server()
    {
        var (_, body) = Framed(
            Bytes("2021 01 00 1e 21000a 2400 2500 2700001000 1200026964 13001e 220005 1f00026f6b 2a01")
        );
        Assert.True(ConnAck.TryRead(0, body, MqttVersion.V5, out var ack, out var error), $"{error}");
        Assert.Equal((true, 0, "id", "ok"), (ack.SessionPresent, ack.Code, ack.AssignedClientId, ack.Reason));
        Assert.Equal(
            new ServerLimits
            {
                ReceiveMaximum = 10,
                TakesQos1 = false,
                Retains = false,
                LargestPacket = 4096,
                KeepAlive = TimeSpan.FromSeconds(30),
            },
            ack.Limits
        );
    }

    [Fact]
    public void A_server_of_3_1_1_refuses_version_5_in_its_own_way()
    {
        Assert.True(ConnAck.TryRead(0, [0, 1], MqttVersion.V5, out var ack, out _));
        Assert.True(ack.RefusesVersion);
        Assert.True(ConnAck.TryRead(0, [0, 0x84, 0], MqttVersion.V5, out ack, out _));
        Assert.True(ack.RefusesVersion);
        Assert.False(ConnAck.TryRead(0, [0, 0], MqttVersion.V5, out _, out _));
    }

    [Theory]
    [InlineData("30 0009 61", nameof(PacketError.Truncated))] // a topic longer than the packet
    [InlineData("36 0001 61 0001", nameof(PacketError.Reserved))] // QoS 3
    [InlineData("38 0001 61", nameof(PacketError.Reserved))] // DUP in QoS 0
    [InlineData("32 0001 61 0000 00", nameof(PacketError.Reserved))] // packet identifier 0
    [InlineData("30 0000 00", nameof(PacketError.BadTopic))] // no topic
    [InlineData("30 0003 612f23 00", nameof(PacketError.BadTopic))] // a wildcard
    [InlineData("30 0001 00 00", nameof(PacketError.BadText))] // a null
    [InlineData("30 0002 c328 00", nameof(PacketError.BadText))] // no UTF-8
    [InlineData("30 0003 eda080 00", nameof(PacketError.BadText))] // a surrogate
    [InlineData("30 0001 61 03 230001", nameof(PacketError.Unexpected))] // an alias that nobody allowed
    [InlineData("30 0001 61 02 2401", nameof(PacketError.BadProperty))] // another packet's
    [InlineData("30 0001 61 04 0101 0101", nameof(PacketError.BadProperty))] // twice
    [InlineData("30 0001 61 02 0102", nameof(PacketError.Reserved))] // a payload format of 2
    [InlineData("30 0001 61 8000", nameof(PacketError.BadLength))] // longer than it needs to be
    [InlineData("20 00 00 03 210000", nameof(PacketError.Reserved))] // receive maximum 0
    [InlineData("20 02 00 00", nameof(PacketError.Reserved))] // a reserved flag
    [InlineData("20 01 87 00", nameof(PacketError.Reserved))] // a session with a refusal
    [InlineData("40 0001 00 00 00", nameof(PacketError.TrailingBytes))]
    [InlineData("42 0001", nameof(PacketError.Reserved))]
    [InlineData("90 0001 00", nameof(PacketError.Truncated))] // no code
    [InlineData("d0 00", nameof(PacketError.TrailingBytes))]
    [InlineData("50 0001", nameof(PacketError.Unexpected))] // PUBREC: nobody published with QoS 2
    public void What_no_server_may_send_is_refused(string hex, string expected)
    {
        var packet = Bytes(hex);
        Assert.Equal(expected, MqttFuzz.Read(packet[0], packet.AsSpan(1), MqttVersion.V5).ToString());
    }

    [Theory]
    [InlineData("20 1a 01 00 17 21000a 2400 2500 2700001000 1200026964 13001e 220005")]
    [InlineData("32 11 0003 612f62 000a 07 0101 0200000010 6869")]
    [InlineData("40 0b 0001 87 07 1f0004 626c6168")]
    [InlineData("90 04 0001 00 01")]
    [InlineData("e0 0e 8e 0c 1f0004 62796565 1c0002 7878")]
    public void A_packet_cut_at_any_byte_waits_for_more_and_its_body_cut_is_refused(string hex)
    {
        var packet = Bytes(hex);
        for (var length = 0; length < packet.Length; length++)
        {
            var cut = new ReadOnlySequence<byte>(packet, 0, length);
            Assert.Equal(FrameStatus.NeedMore, Frame.TryRead(cut, 1 << 20, out _, out _));
        }
        var (first, body) = Framed(packet);
        Assert.Equal(PacketError.None, MqttFuzz.Read(first, body, MqttVersion.V5));
        // A PUBLISH may end anywhere in its payload, PUBACK and DISCONNECT before their code or properties.
        var whole = 0;
        for (var length = 0; length < body.Length; length++)
            whole += MqttFuzz.Read(first, body.AsSpan(0, length), MqttVersion.V5) == PacketError.None ? 1 : 0;
        var expected = (PacketType)(first >> 4) switch
        {
            PacketType.Publish => 2,
            PacketType.PubAck => 2,
            PacketType.Disconnect => 2,
            // Two bytes with code 0 are no CONNACK of 5.0.
            _ => 0,
        };
        Assert.Equal(expected, whole);
    }

    [Fact]
    public void A_length_of_five_bytes_or_of_too_many_bytes_is_refused_before_anything_is_allocated()
    {
        var five = new ReadOnlySequence<byte>(Bytes("30 8080808001"));
        Assert.Equal(FrameStatus.Malformed, Frame.TryRead(five, 1 << 20, out _, out _));
        var padded = new ReadOnlySequence<byte>(Bytes("30 8000"));
        Assert.Equal(FrameStatus.Malformed, Frame.TryRead(padded, 1 << 20, out _, out _));
        var large = new ReadOnlySequence<byte>(Bytes("30 ffffff7f 00"));
        Assert.Equal(FrameStatus.TooLarge, Frame.TryRead(large, 1 << 20, out _, out _));
    }

    [Fact]
    public void Two_hundred_thousand_spoilt_packets_never_throw_and_meet_every_refusal()
    {
        var seed = Random.Shared.Next();
        var report = MqttFuzz.Run(200_000, seed);
        Assert.True(report.Failure is null, $"Again with: Fuzz mqtt --count 200000 --seed {seed}\n{report.Failure}");
        Assert.True(report.Unframed > 0);
        Assert.All(
            Enum.GetValues<PacketError>().Where(error => error != PacketError.TooLarge),
            error => Assert.True(report.Counts[(int)error] > 0, $"seed {seed} met no {error}")
        );
    }
}
