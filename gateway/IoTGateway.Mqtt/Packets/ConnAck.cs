using System.Text;

namespace IoTGateway.Mqtt.Packets;

/// <summary>CONNACK (MQTT 5.0 §3.2, MQTT 3.1.1 §3.2).</summary>
internal sealed record ConnAck
{
    private static readonly ulong Allowed = PropertySet.Of(
        Property.SessionExpiry,
        Property.ReceiveMaximum,
        Property.MaximumQos,
        Property.RetainAvailable,
        Property.MaximumPacketSize,
        Property.AssignedClientId,
        Property.TopicAliasMaximum,
        Property.ReasonString,
        Property.UserProperty,
        Property.WildcardAvailable,
        Property.SubscriptionIdentifiersAvailable,
        Property.SharedAvailable,
        Property.ServerKeepAlive,
        Property.ResponseInformation,
        Property.ServerReference,
        Property.AuthenticationMethod,
        Property.AuthenticationData
    );

    public bool SessionPresent { get; init; }

    /// <summary>0 is success; else a reason code of the version that answered.</summary>
    public byte Code { get; init; }

    /// <summary>The server answered in MQTT 3.1.1, whatever it was asked in.</summary>
    public bool Is311 { get; init; }

    public ServerLimits Limits { get; init; } = ServerLimits.None;

    public string? AssignedClientId { get; init; }

    public string? Reason { get; init; }

    /// <summary>The server does not speak the version of the CONNECT.</summary>
    public bool RefusesVersion =>
        Is311 ? Code == ReasonCode.UnacceptableVersion311 : Code == ReasonCode.UnsupportedVersion;

    public string InWords() => Is311 ? ReasonCode.InWords311(Code) : ReasonCode.InWords(Code, Reason);

    public static bool TryRead(
        int flags,
        ReadOnlySpan<byte> body,
        MqttVersion version,
        out ConnAck ack,
        out PacketError error
    )
    {
        var reader = new PacketReader(body);
        reader.Require(flags == 0, PacketError.Reserved);
        var acknowledge = reader.U8();
        reader.Require(acknowledge <= 1, PacketError.Reserved);
        var code = reader.U8();
        // A server that knows MQTT 3.1.1 only refuses version 5 with the two bytes of 3.1.1: §3.2.2.3 there.
        ack = new ConnAck
        {
            SessionPresent = acknowledge == 1,
            Code = code,
            Is311 = version == MqttVersion.V311 || body.Length == 2,
        };
        if (!ack.Is311)
            ack = ReadProperties(ref reader, ack);
        reader.Require(!ack.SessionPresent || code == 0, PacketError.Reserved);
        reader.Require(!ack.Is311 || version == MqttVersion.V311 || code != 0, PacketError.Truncated);
        return reader.Finish(out error);
    }

    /// <summary>§3.2.2.3</summary>
    private static ConnAck ReadProperties(ref PacketReader reader, ConnAck ack)
    {
        var properties = new PropertyReader(ref reader, Allowed);
        var limits = ServerLimits.None;
        while (properties.TryRead())
        {
            switch (properties.Id)
            {
                case Property.ReceiveMaximum:
                    limits = limits with { ReceiveMaximum = (int)properties.Positive() };
                    break;
                case Property.MaximumPacketSize:
                    limits = limits with { LargestPacket = (int)Math.Min(int.MaxValue, properties.Positive()) };
                    break;
                case Property.MaximumQos:
                    limits = limits with { TakesQos1 = properties.Flag() };
                    break;
                case Property.RetainAvailable:
                    limits = limits with { Retains = properties.Flag() };
                    break;
                case Property.ServerKeepAlive:
                    limits = limits with { KeepAlive = TimeSpan.FromSeconds(properties.Number) };
                    break;
                case Property.AssignedClientId:
                    ack = ack with { AssignedClientId = Encoding.UTF8.GetString(properties.Bytes) };
                    break;
                case Property.ReasonString:
                    ack = ack with { Reason = Encoding.UTF8.GetString(properties.Bytes) };
                    break;
            }
        }
        reader.Require(properties.Error == PacketError.None, properties.Error);
        return ack with { Limits = limits };
    }
}

/// <summary>What a server takes (MQTT 5.0 §3.2.2.3). Its topic alias maximum is not here: this client sends none.</summary>
internal sealed record ServerLimits
{
    /// <summary>As where it says nothing, and in MQTT 3.1.1.</summary>
    public static readonly ServerLimits None = new();

    /// <summary>Publishes of QoS 1 that may be unacknowledged at a time.</summary>
    public int ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>Bytes of a packet, header included.</summary>
    public int LargestPacket { get; init; } = PacketWriter.LargestRemaining + 5;

    public bool TakesQos1 { get; init; } = true;

    public bool Retains { get; init; } = true;

    /// <summary>Null: as the client asked. Zero: none.</summary>
    public TimeSpan? KeepAlive { get; init; }
}
