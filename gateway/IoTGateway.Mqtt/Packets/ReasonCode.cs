namespace IoTGateway.Mqtt.Packets;

/// <summary>Reason codes (MQTT 5.0 §2.4) and return codes of CONNACK (MQTT 3.1.1 §3.2.2.3), in words.</summary>
internal static class ReasonCode
{
    public const byte Success = 0x00;
    public const byte WithWill = 0x04;
    public const byte FirstError = 0x80;
    public const byte MalformedPacket = 0x81;
    public const byte ProtocolError = 0x82;
    public const byte UnsupportedVersion = 0x84;
    public const byte TopicNameInvalid = 0x90;
    public const byte ReceiveMaximumExceeded = 0x93;
    public const byte PacketTooLarge = 0x95;
    public const byte PayloadFormatInvalid = 0x99;
    public const byte UseAnotherServer = 0x9C;
    public const byte ServerMoved = 0x9D;

    /// <summary>MQTT 3.1.1: the server does not speak the version asked for.</summary>
    public const byte UnacceptableVersion311 = 0x01;

    /// <summary>A code of MQTT 5.0, with what else the server said.</summary>
    public static string InWords(byte code, string? said = null)
    {
        var words = $"{Words(code)} (0x{code:X2})";
        return string.IsNullOrEmpty(said) ? words : $"{words}: {said}";
    }

    /// <summary>A return code of CONNACK in MQTT 3.1.1.</summary>
    public static string InWords311(byte code) =>
        code switch
        {
            0 => "accepted (0)",
            1 => "unacceptable protocol version (1)",
            2 => "client identifier rejected (2)",
            3 => "server unavailable (3)",
            4 => "bad user name or password (4)",
            5 => "not authorized (5)",
            _ => $"return code {code}",
        };

    private static string Words(byte code) =>
        code switch
        {
            0x00 => "success",
            0x01 => "granted QoS 1",
            0x02 => "granted QoS 2",
            0x04 => "disconnect with will message",
            0x10 => "no matching subscribers",
            0x11 => "no subscription existed",
            0x80 => "unspecified error",
            0x81 => "malformed packet",
            0x82 => "protocol error",
            0x83 => "implementation specific error",
            0x84 => "unsupported protocol version",
            0x85 => "client identifier not valid",
            0x86 => "bad user name or password",
            0x87 => "not authorized",
            0x88 => "server unavailable",
            0x89 => "server busy",
            0x8A => "banned",
            0x8B => "server shutting down",
            0x8C => "bad authentication method",
            0x8D => "keep alive timeout",
            0x8E => "session taken over by another client of the same identifier",
            0x8F => "topic filter invalid",
            0x90 => "topic name invalid",
            0x91 => "packet identifier in use",
            0x92 => "packet identifier not found",
            0x93 => "receive maximum exceeded",
            0x94 => "topic alias invalid",
            0x95 => "packet too large",
            0x96 => "message rate too high",
            0x97 => "quota exceeded",
            0x98 => "administrative action",
            0x99 => "payload format invalid",
            0x9A => "retain not supported",
            0x9B => "QoS not supported",
            0x9C => "use another server",
            0x9D => "server moved",
            0x9E => "shared subscriptions not supported",
            0x9F => "connection rate exceeded",
            0xA0 => "maximum connect time",
            0xA1 => "subscription identifiers not supported",
            0xA2 => "wildcard subscriptions not supported",
            _ => "unknown reason",
        };
}
