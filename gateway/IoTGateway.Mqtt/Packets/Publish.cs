namespace IoTGateway.Mqtt.Packets;

/// <summary>PUBLISH (MQTT 5.0 §3.3, MQTT 3.1.1 §3.3), as it stands in the receive buffer.</summary>
internal readonly ref struct Publish
{
    private const int DuplicateFlag = 0x08;
    private const int RetainFlag = 0x01;

    private static readonly ulong Allowed = PropertySet.Of(
        Property.PayloadFormat,
        Property.MessageExpiry,
        Property.TopicAlias,
        Property.ResponseTopic,
        Property.CorrelationData,
        Property.UserProperty,
        Property.SubscriptionIdentifier,
        Property.ContentType
    );

    public ReadOnlySpan<byte> Topic { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>0 in QoS 0, which has none.</summary>
    public ushort Id { get; init; }

    public MqttQos Qos { get; init; }

    public bool Retain { get; init; }

    public bool Duplicate { get; init; }

    public static bool TryRead(
        int flags,
        ReadOnlySpan<byte> body,
        MqttVersion version,
        out Publish publish,
        out PacketError error
    )
    {
        var reader = new PacketReader(body);
        var qos = (flags >> 1) & 3;
        // §3.3.1.2: 3 is reserved, and nobody subscribed with 2. §3.3.1.1: nothing of QoS 0 comes again.
        reader.Require(qos <= (int)MqttQos.AtLeastOnce, PacketError.Reserved);
        reader.Require(qos > 0 || (flags & DuplicateFlag) == 0, PacketError.Reserved);
        var topic = reader.Text();
        reader.Require(!topic.IsEmpty && !topic.ContainsAny((byte)'+', (byte)'#'), PacketError.BadTopic);
        var id = qos == 0 ? (ushort)0 : reader.U16();
        reader.Require(qos == 0 || id != 0, PacketError.Reserved);
        if (version == MqttVersion.V5)
            CheckProperties(ref reader);
        publish = new Publish
        {
            Topic = topic,
            Id = id,
            Qos = (MqttQos)qos,
            Retain = (flags & RetainFlag) != 0,
            Duplicate = (flags & DuplicateFlag) != 0,
            Payload = reader.Rest(),
        };
        return reader.Finish(out error);
    }

    /// <summary>Writes one of ours.</summary>
    public void Write(PacketWriter writer, MqttVersion version)
    {
        var flags = ((int)Qos << 1) | (Retain ? RetainFlag : 0) | (Duplicate ? DuplicateFlag : 0);
        writer.Begin(PacketType.Publish, flags);
        writer.Binary(Topic);
        if (Qos != MqttQos.AtMostOnce)
            writer.U16(Id);
        if (version == MqttVersion.V5)
            writer.VarInt(0); // §3.3.2.3: no properties
        writer.Raw(Payload);
        writer.End();
    }

    /// <summary>The whole packet's bytes, to be held against the server's maximum packet size.</summary>
    public static long LengthOf(int topic, int payload, MqttQos qos, MqttVersion version)
    {
        var id = qos == MqttQos.AtMostOnce ? 0 : 2;
        var properties = version == MqttVersion.V5 ? 1 : 0;
        long body = 2L + topic + id + properties + payload;
        return 1 + PacketWriter.VarIntBytes((int)Math.Min(int.MaxValue, body)) + body;
    }

    /// <summary>§3.3.2.3</summary>
    private static void CheckProperties(ref PacketReader reader)
    {
        var properties = new PropertyReader(ref reader, Allowed);
        while (properties.TryRead())
        {
            // §3.3.2.3.4: an alias may not come, as none was allowed in CONNECT.
            if (properties.Id == Property.TopicAlias)
                reader.Fail(PacketError.Unexpected);
            if (properties.Id == Property.PayloadFormat)
                properties.Flag();
            if (properties.Id == Property.SubscriptionIdentifier)
                properties.Positive();
        }
        reader.Require(properties.Error == PacketError.None, properties.Error);
    }
}
