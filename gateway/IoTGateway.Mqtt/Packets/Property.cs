namespace IoTGateway.Mqtt.Packets;

/// <summary>Property identifiers (MQTT 5.0 §2.2.2.2).</summary>
internal enum Property
{
    PayloadFormat = 0x01,
    MessageExpiry = 0x02,
    ContentType = 0x03,
    ResponseTopic = 0x08,
    CorrelationData = 0x09,
    SubscriptionIdentifier = 0x0B,
    SessionExpiry = 0x11,
    AssignedClientId = 0x12,
    ServerKeepAlive = 0x13,
    AuthenticationMethod = 0x15,
    AuthenticationData = 0x16,
    ResponseInformation = 0x1A,
    ServerReference = 0x1C,
    ReasonString = 0x1F,
    ReceiveMaximum = 0x21,
    TopicAliasMaximum = 0x22,
    TopicAlias = 0x23,
    MaximumQos = 0x24,
    RetainAvailable = 0x25,
    UserProperty = 0x26,
    MaximumPacketSize = 0x27,
    WildcardAvailable = 0x28,
    SubscriptionIdentifiersAvailable = 0x29,
    SharedAvailable = 0x2A,
}

/// <summary>Which properties a packet may have, as bits.</summary>
internal static class PropertySet
{
    /// <summary>Most packets: an explanation, and whatever else the server likes to tell.</summary>
    public static readonly ulong Reason = Of(Property.ReasonString, Property.UserProperty);

    /// <summary>May come several times.</summary>
    public static readonly ulong Repeatable = Of(Property.UserProperty, Property.SubscriptionIdentifier);

    public static ulong Of(params ReadOnlySpan<Property> properties)
    {
        var set = 0UL;
        foreach (var property in properties)
            set |= 1UL << (int)property;
        return set;
    }
}
