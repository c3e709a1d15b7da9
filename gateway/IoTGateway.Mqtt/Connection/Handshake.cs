using IoTGateway.Mqtt.Packets;

namespace IoTGateway.Mqtt.Connection;

/// <summary>What came of a CONNECT.</summary>
/// <param name="Ack">The broker's CONNACK; null where none came.</param>
/// <param name="Problem">Null when connected; else why not.</param>
internal readonly record struct HandshakeResult(ConnAck? Ack, string? Problem);

/// <summary>CONNECT and its CONNACK (MQTT 5.0 §3.1.4).</summary>
internal static class Handshake
{
    public static async Task<HandshakeResult> RunAsync(
        PacketStream packets,
        MqttVersion version,
        string clientId,
        bool cleanStart,
        MqttOptions options,
        CancellationToken cancellationToken
    )
    {
        var writer = new PacketWriter();
        Connect.Write(writer, version, clientId, cleanStart, options);
        await packets.WriteAsync(writer, cancellationToken);
        ConnAck? answer = null;
        var problem = await packets.ReadAsync(Answer, Malformed, cancellationToken);
        if (answer is null)
            return new HandshakeResult(
                null,
                problem ?? "the broker closed the connection and gave no answer to CONNECT"
            );
        if (answer.Code != ReasonCode.Success)
            return new HandshakeResult(answer, $"the broker refuses: {answer.InWords()}");
        return new HandshakeResult(answer, null);

        string Answer(PacketType type, int flags, ReadOnlySpan<byte> body)
        {
            if (type != PacketType.ConnAck)
                return Malformed(PacketError.Unexpected);
            if (!ConnAck.TryRead(flags, body, version, out var ack, out var error))
                return Malformed(error);
            answer = ack;
            return string.Empty;
        }
    }

    private static string Malformed(PacketError error) =>
        $"the answer to CONNECT is none ({error.InWords()}); is this an MQTT broker?";
}
