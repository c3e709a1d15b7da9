namespace IoTGateway.Mqtt.Packets;

/// <summary>SUBSCRIBE (MQTT 5.0 §3.8, MQTT 3.1.1 §3.8), with one filter.</summary>
internal static class Subscribe
{
    public static void Write(PacketWriter writer, MqttVersion version, ushort id, string filter, MqttQos qos)
    {
        writer.Begin(PacketType.Subscribe, flags: 2);
        writer.U16(id);
        if (version == MqttVersion.V5)
            writer.VarInt(0); // §3.8.2.1: no properties
        writer.Text(filter);
        writer.U8((int)qos);
        writer.End();
    }
}
