namespace IoTGateway.Mqtt;

/// <summary>The protocol level of CONNECT (MQTT 5.0 §3.1.2.2).</summary>
public enum MqttVersion
{
    /// <summary>MQTT 3.1.1.</summary>
    V311 = 4,

    /// <summary>MQTT 5.0.</summary>
    V5 = 5,
}
