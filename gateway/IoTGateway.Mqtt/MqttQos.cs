namespace IoTGateway.Mqtt;

/// <summary>How hard a message is delivered (MQTT 5.0 §4.3). This client has no QoS 2.</summary>
public enum MqttQos
{
    /// <summary>QoS 0: sent once, and nobody says whether it came.</summary>
    AtMostOnce = 0,

    /// <summary>QoS 1: sent until it is acknowledged; it may come twice.</summary>
    AtLeastOnce = 1,
}
