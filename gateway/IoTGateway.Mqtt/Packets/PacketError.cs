namespace IoTGateway.Mqtt.Packets;

/// <summary>Why bytes of a broker are no packet.</summary>
internal enum PacketError
{
    None,

    /// <summary>A length points past the packet's end.</summary>
    Truncated,

    /// <summary>Bytes are left over behind the last field.</summary>
    TrailingBytes,

    /// <summary>A length of more than four bytes, or longer than it needs to be (MQTT 5.0 §1.5.5).</summary>
    BadLength,

    /// <summary>No UTF-8, or a null character (MQTT 5.0 §1.5.4).</summary>
    BadText,

    /// <summary>A flag or value that the specification reserves.</summary>
    Reserved,

    /// <summary>A property that this packet may not have, or has twice (MQTT 5.0 §2.2.2).</summary>
    BadProperty,

    /// <summary>A packet that a server may not send to this client, or not now.</summary>
    Unexpected,

    /// <summary>A topic that is empty or has a wildcard (MQTT 5.0 §3.3.2.1).</summary>
    BadTopic,

    /// <summary>Longer than the client takes.</summary>
    TooLarge,
}

internal static class PacketErrors
{
    /// <summary>For a person.</summary>
    public static string InWords(this PacketError error) =>
        error switch
        {
            PacketError.Truncated => "a packet that ends too early",
            PacketError.TrailingBytes => "a packet with bytes left over",
            PacketError.BadLength => "a malformed length",
            PacketError.BadText => "a text that is not UTF-8",
            PacketError.Reserved => "a reserved flag or value",
            PacketError.BadProperty => "a property that does not belong there",
            PacketError.Unexpected => "a packet out of place",
            PacketError.BadTopic => "a malformed topic",
            PacketError.TooLarge => "a packet larger than this client takes",
            _ => "nothing wrong",
        };

    /// <summary>What DISCONNECT says of it (MQTT 5.0 §3.14.2.1).</summary>
    public static byte DisconnectCode(this PacketError error) =>
        error switch
        {
            PacketError.None => ReasonCode.Success,
            PacketError.Unexpected or PacketError.BadProperty => ReasonCode.ProtocolError,
            PacketError.BadTopic => ReasonCode.TopicNameInvalid,
            PacketError.TooLarge => ReasonCode.PacketTooLarge,
            _ => ReasonCode.MalformedPacket,
        };
}
