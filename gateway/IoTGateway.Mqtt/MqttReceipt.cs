namespace IoTGateway.Mqtt;

/// <summary>What became of a publish or a subscription.</summary>
public enum MqttOutcome
{
    /// <summary>QoS 1: the broker has it. A subscription: granted.</summary>
    Acknowledged,

    /// <summary>QoS 0: handed to the network, and no more is known.</summary>
    Sent,

    /// <summary>QoS 0 without a connection; or the client has ended.</summary>
    NotConnected,

    /// <summary>The broker does not take it from this client, or not now.</summary>
    Refused,

    /// <summary>The broker takes no such topic or payload: it will never be taken.</summary>
    Invalid,

    /// <summary>Larger than the broker takes: it will never be taken.</summary>
    TooLarge,
}

/// <summary>What became of a publish or a subscription.</summary>
/// <param name="Outcome">In short.</param>
/// <param name="Reason">Where it was not taken: why, in the broker's words.</param>
public readonly record struct MqttReceipt(MqttOutcome Outcome, string? Reason = null)
{
    /// <summary>The broker has it, as far as its QoS can tell.</summary>
    public bool IsGood => Outcome is MqttOutcome.Acknowledged or MqttOutcome.Sent;
}
