using System.Buffers;
using System.Diagnostics;
using IoTGateway.Mqtt;
using IoTGateway.Mqtt.Packets;

namespace IoTGateway.Fuzz;

/// <summary>What a run saw.</summary>
/// <param name="Counts">Packets by what the decoder said, indexed by <see cref="PacketError"/>.</param>
/// <param name="Unframed">Those that were no whole packet.</param>
/// <param name="Bytes">Sum of their lengths.</param>
/// <param name="Elapsed">How long it took, mutation included.</param>
/// <param name="Failure">The exception and the packet that caused it, or null.</param>
internal sealed record MqttFuzzReport(long[] Counts, long Unframed, long Bytes, TimeSpan Elapsed, string? Failure);

/// <summary>Feeds spoilt packets of a broker to the MQTT decoder, in both versions.</summary>
internal static class MqttFuzz
{
    private const int LargestPacket = 1 << 20;

    /// <summary>Packets that a broker sends, as hexadecimal digits: each with what it may carry.</summary>
    private static readonly string[] Corpus =
    [
        "20020000", // CONNACK of 3.1.1
        "20020001",
        "2003010000", // CONNACK of 5.0
        "20240000211100000e1021000a24012500270000ffff120003636964220000130005280129012a01",
        "2014008711" + "1f000362616426000161000162" + "1c0001",
        "3007000161" + "00" + "68690a", // PUBLISH, QoS 0
        "320900036120620001" + "6869",
        "3b0900036120620002" + "0061",
        "3229000361206200030d0102030405" + "0101" + "0200000010" + "030001" + "08000172" + "0900020102" + "0b05" + "68",
        "40020001", // PUBACK
        "4003000110",
        "400b000187" + "07" + "1f0004626c6168",
        "9003000101", // SUBACK
        "900400010001",
        "900b00010" + "0" + "80" + "00000000000000",
        "d000", // PINGRESP
        "e000", // DISCONNECT
        "e0018e",
        "e00e8e0c1f000462797965" + "1c00027878",
        "f000", // AUTH
    ];

    public static MqttFuzzReport Run(long count, int seed)
    {
        var random = new Random(seed);
        var mutator = new Mutator(random, [.. Corpus.Select(Whole)]);
        var counts = new long[Enum.GetValues<PacketError>().Length];
        long bytes = 0;
        long unframed = 0;
        var started = Stopwatch.GetTimestamp();
        string? failure = null;
        for (long i = 0; i < count && failure is null; i++)
        {
            var packet = mutator.Next(out _);
            var version = random.Next(2) == 0 ? MqttVersion.V5 : MqttVersion.V311;
            bytes += packet.Length;
            failure = Feed(packet.ToArray(), version, counts, ref unframed);
        }
        return new MqttFuzzReport(counts, unframed, bytes, Stopwatch.GetElapsedTime(started), failure);
    }

    /// <summary>Decodes the body of any packet, as the client does.</summary>
    public static PacketError Read(byte first, ReadOnlySpan<byte> body, MqttVersion version)
    {
        var flags = first & 0x0F;
        PacketError error;
        switch ((PacketType)(first >> 4))
        {
            case PacketType.ConnAck:
                ConnAck.TryRead(flags, body, version, out _, out error);
                return error;
            case PacketType.Publish:
                Publish.TryRead(flags, body, version, out _, out error);
                return error;
            case PacketType.PubAck:
                PubAck.TryRead(flags, body, version, out _, out error);
                return error;
            case PacketType.SubAck:
                SubAck.TryRead(flags, body, version, out _, out error);
                return error;
            case PacketType.PingResp:
                return Ping.CheckResponse(flags, body);
            case PacketType.Disconnect:
                Disconnect.TryRead(flags, body, version, out _, out error);
                return error;
            default:
                return PacketError.Unexpected;
        }
    }

    private static string? Feed(byte[] packet, MqttVersion version, long[] counts, ref long unframed)
    {
        try
        {
            // With its own header, and the rest of it as any packet's body: a spoilt length must not hide the body.
            var status = Frame.TryRead(new ReadOnlySequence<byte>(packet), LargestPacket, out var first, out var body);
            if (status == FrameStatus.Complete)
                counts[(int)Read(first, body.ToArray(), version)]++;
            else
                unframed++;
            if (packet.Length > 2)
                counts[(int)Read(packet[0], packet.AsSpan(2), version)]++;
            return null;
        }
        catch (Exception exception)
        {
            return $"{Convert.ToHexStringLower(packet)} ({version})\n{exception}";
        }
    }

    /// <summary>With the length that it has, so that the list above need not be counted.</summary>
    private static byte[] Whole(string hex)
    {
        var packet = Convert.FromHexString(hex);
        packet[1] = (byte)(packet.Length - 2);
        return packet;
    }
}
