using System.Text;

namespace IoTGateway.Mqtt.Packets;

/// <summary>PUBACK (MQTT 5.0 §3.4, MQTT 3.1.1 §3.4).</summary>
/// <param name="Id">Of the PUBLISH.</param>
/// <param name="Code">From 0x80 the server has not taken it.</param>
/// <param name="Reason">What else it said.</param>
internal readonly record struct PubAck(ushort Id, byte Code, string? Reason)
{
    public static bool TryRead(
        int flags,
        ReadOnlySpan<byte> body,
        MqttVersion version,
        out PubAck ack,
        out PacketError error
    )
    {
        var reader = new PacketReader(body);
        reader.Require(flags == 0, PacketError.Reserved);
        var id = reader.U16();
        reader.Require(id != 0, PacketError.Reserved);
        byte code = 0;
        string? reason = null;
        // §3.4.2.1: the code and the properties may be left out.
        if (version == MqttVersion.V5 && reader.Remaining > 0)
            code = reader.U8();
        if (version == MqttVersion.V5 && reader.Remaining > 0)
        {
            var properties = new PropertyReader(ref reader, PropertySet.Reason);
            while (properties.TryRead())
            {
                if (properties.Id == Property.ReasonString)
                    reason = Encoding.UTF8.GetString(properties.Bytes);
            }
            reader.Require(properties.Error == PacketError.None, properties.Error);
        }
        ack = new PubAck(id, code, reason);
        return reader.Finish(out error);
    }

    /// <summary>The same four bytes in both versions.</summary>
    public static void Write(PacketWriter writer, ushort id)
    {
        writer.Begin(PacketType.PubAck);
        writer.U16(id);
        writer.End();
    }
}
