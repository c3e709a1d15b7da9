namespace IoTGateway.Mqtt;

/// <summary>What the broker publishes for this client when its connection ends without a word (MQTT 5.0 §3.1.2.5).</summary>
/// <param name="Topic">Where.</param>
/// <param name="Payload">At most 65,535 bytes.</param>
/// <param name="Qos">How hard.</param>
/// <param name="Retain">Whether the broker keeps it for later subscribers.</param>
public sealed record MqttWill(string Topic, ReadOnlyMemory<byte> Payload, MqttQos Qos, bool Retain);
