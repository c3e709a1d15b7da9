namespace IoTGateway.Mqtt.Packets;

/// <summary>CONNECT (MQTT 5.0 §3.1, MQTT 3.1.1 §3.1).</summary>
internal static class Connect
{
    private const int CleanStartFlag = 0x02;
    private const int WillFlag = 0x04;
    private const int WillRetainFlag = 0x20;
    private const int PasswordFlag = 0x40;
    private const int UserFlag = 0x80;

    /// <param name="writer">Takes the packet.</param>
    /// <param name="version">Of this connection.</param>
    /// <param name="clientId">May be empty: the server makes one.</param>
    /// <param name="cleanStart">Forgets what session there was.</param>
    /// <param name="options">The rest.</param>
    public static void Write(
        PacketWriter writer,
        MqttVersion version,
        string clientId,
        bool cleanStart,
        MqttOptions options
    )
    {
        writer.Begin(PacketType.Connect);
        writer.Text("MQTT");
        writer.U8((int)version);
        writer.U8(Flags(cleanStart, options));
        writer.U16((int)Math.Min(ushort.MaxValue, Math.Ceiling(options.KeepAlive.TotalSeconds)));
        if (version == MqttVersion.V5)
            WriteProperties(writer, options);
        writer.Text(clientId);
        if (options.Will is { } will)
        {
            if (version == MqttVersion.V5)
                writer.VarInt(0); // §3.1.3.2: no will properties
            writer.Text(will.Topic);
            writer.Binary(will.Payload.Span);
        }
        if (options.User is { } user)
            writer.Text(user);
        if (options.Password is { } password)
            writer.Text(password);
        writer.End();
    }

    /// <summary>§3.1.2.3</summary>
    private static int Flags(bool cleanStart, MqttOptions options)
    {
        var flags = cleanStart ? CleanStartFlag : 0;
        if (options.Will is { } will)
            flags |= WillFlag | ((int)will.Qos << 3) | (will.Retain ? WillRetainFlag : 0);
        if (options.User is not null)
            flags |= UserFlag;
        if (options.Password is not null)
            flags |= PasswordFlag;
        return flags;
    }

    /// <summary>§3.1.2.11. The topic alias maximum stays at its default, 0: the server sends no aliases.</summary>
    private static void WriteProperties(PacketWriter writer, MqttOptions options)
    {
        writer.VarInt(5 + 3 + 5);
        writer.U8((int)Property.SessionExpiry);
        writer.U32((uint)Math.Min(uint.MaxValue, options.SessionExpiry.TotalSeconds));
        writer.U8((int)Property.ReceiveMaximum);
        writer.U16(options.ReceiveMaximum);
        writer.U8((int)Property.MaximumPacketSize);
        writer.U32((uint)options.LargestPacket);
    }
}
