namespace IoTGateway.Mqtt;

/// <summary>Where a client stands.</summary>
public enum MqttState
{
    /// <summary>Not connected; it waits for its next attempt, or does not run.</summary>
    Disconnected,

    /// <summary>An attempt is under way.</summary>
    Connecting,

    /// <summary>The broker has accepted.</summary>
    Connected,
}

/// <summary>A client's state and what there is to say about it.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Broker">Which one it is, or was last, about; null before the first attempt.</param>
/// <param name="Version">Spoken on this connection; null while there is none.</param>
/// <param name="SessionPresent">Connected: whether the broker still knew the session.</param>
/// <param name="Problem">Not connected: why, for a person.</param>
public sealed record MqttStatus(
    MqttState State,
    MqttBroker? Broker,
    MqttVersion? Version,
    bool SessionPresent,
    string? Problem
);
