using System.Text;

namespace IoTGateway.Mqtt.Packets;

/// <summary>SUBACK (MQTT 5.0 §3.9, MQTT 3.1.1 §3.9) to a SUBSCRIBE of one filter.</summary>
/// <param name="Id">Of the SUBSCRIBE.</param>
/// <param name="Code">The QoS granted, or from 0x80 why not.</param>
/// <param name="Reason">What else the server said.</param>
internal readonly record struct SubAck(ushort Id, byte Code, string? Reason)
{
    public static bool TryRead(
        int flags,
        ReadOnlySpan<byte> body,
        MqttVersion version,
        out SubAck ack,
        out PacketError error
    )
    {
        var reader = new PacketReader(body);
        reader.Require(flags == 0, PacketError.Reserved);
        var id = reader.U16();
        reader.Require(id != 0, PacketError.Reserved);
        string? reason = null;
        if (version == MqttVersion.V5)
        {
            var properties = new PropertyReader(ref reader, PropertySet.Reason);
            while (properties.TryRead())
            {
                if (properties.Id == Property.ReasonString)
                    reason = Encoding.UTF8.GetString(properties.Bytes);
            }
            reader.Require(properties.Error == PacketError.None, properties.Error);
        }
        ack = new SubAck(id, reader.U8(), reason);
        return reader.Finish(out error);
    }
}
