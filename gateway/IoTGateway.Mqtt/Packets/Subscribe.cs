namespace IoTGateway.Mqtt.Packets;

/// <summary>SUBSCRIBE (MQTT 5.0 §3.8, MQTT 3.1.1 §3.8), with one filter.</summary>
internal static class Subscribe
{
    private const int RetainAsPublishedFlag = 0x08;

    /// <param name="writer">Gets the packet.</param>
    /// <param name="version">3.1.1 has no <paramref name="retainAsPublished"/>: its bits are reserved there.</param>
    /// <param name="id">Packet identifier.</param>
    /// <param name="filter">What to hear.</param>
    /// <param name="qos">The highest that messages come with.</param>
    /// <param name="retainAsPublished">Messages keep the retain flag of their sender (MQTT 5.0 §3.8.3.1).</param>
    public static void Write(
        PacketWriter writer,
        MqttVersion version,
        ushort id,
        string filter,
        MqttQos qos,
        bool retainAsPublished = false
    )
    {
        writer.Begin(PacketType.Subscribe, flags: 2);
        writer.U16(id);
        if (version == MqttVersion.V5)
            writer.VarInt(0); // §3.8.2.1: no properties
        writer.Text(filter);
        writer.U8((int)qos | (retainAsPublished && version == MqttVersion.V5 ? RetainAsPublishedFlag : 0));
        writer.End();
    }
}
