namespace IoTGateway.Mqtt;

/// <summary>A message that the broker sent.</summary>
public sealed class MqttMessage
{
    private Action? _acknowledge;

    internal MqttMessage(
        string topic,
        byte[] payload,
        MqttQos qos,
        bool retained,
        bool duplicate,
        ushort packetId,
        Action? acknowledge
    )
    {
        Topic = topic;
        Payload = payload;
        Qos = qos;
        IsRetained = retained;
        IsDuplicate = duplicate;
        PacketId = packetId;
        _acknowledge = acknowledge;
    }

    /// <summary>Where it was published.</summary>
    public string Topic { get; }

    /// <summary>What was published; the message's own copy.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>How hard it is delivered.</summary>
    public MqttQos Qos { get; }

    /// <summary>
    /// The broker had kept it from before the subscription; or, where that asks for it, it was published to be kept.
    /// </summary>
    public bool IsRetained { get; }

    /// <summary>QoS 1: it may have come before.</summary>
    public bool IsDuplicate { get; }

    /// <summary>QoS 1: names the message within the session until it is acknowledged; 0 in QoS 0.</summary>
    public int PacketId { get; }

    /// <summary>
    /// QoS 1: tells the broker that the message is dealt with; not told, it comes again after a reconnect. Does
    /// nothing in QoS 0, the second time, and after the connection has ended.
    /// </summary>
    public void Acknowledge() => Interlocked.Exchange(ref _acknowledge, null)?.Invoke();
}
