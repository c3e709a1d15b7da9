using System.Security.Cryptography.X509Certificates;

namespace IoTGateway.Mqtt;

/// <summary>How a client connects, and its bounds. Not to be changed once the client is made.</summary>
public sealed class MqttOptions
{
    /// <summary>Tried in this order, again and again; at least one.</summary>
    public required IReadOnlyList<MqttBroker> Brokers { get; init; }

    /// <summary>Names the session at the broker; empty: the broker makes one, and the session ends with this process.</summary>
    public string ClientId { get; init; } = string.Empty;

    /// <summary>User name, or null.</summary>
    public string? User { get; init; }

    /// <summary>Password, or null.</summary>
    public string? Password { get; init; }

    /// <summary>Last will, or null.</summary>
    public MqttWill? Will { get; init; }

    /// <summary>Null: 5.0, and 3.1.1 where the broker does not speak that.</summary>
    public MqttVersion? Version { get; init; }

    /// <summary>Authorities that TLS trusts; null: the machine's own.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; init; }

    /// <summary>A PINGREQ is sent this often, and must be answered before the next; the broker may set another.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the broker keeps the session while this client is away (5.0; in 3.1.1 the broker decides).</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// MQTT 3.1.1 has no such bound: false asks that broker to keep nothing at all between two connections.
    /// </summary>
    public bool KeepsSessionIn311 { get; init; } = true;

    /// <summary>TCP, TLS and CONNACK together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bound of the first wait between attempts; it doubles. The wait is anything from zero to the bound.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bound of the longest wait.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A connection that lasted this long was a success: the next wait is a first one again.</summary>
    public TimeSpan SteadyAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Publishes that may be unacknowledged or unsent; further calls wait. At most 32,768.</summary>
    public int MostUnacknowledged { get; init; } = 1024;

    /// <summary>Messages of QoS 1 that the broker may send before the handler is done with them.</summary>
    public int ReceiveMaximum { get; init; } = 64;

    /// <summary>Messages that wait for the handler; beyond, QoS 0 is dropped and QoS 1 ends the connection.</summary>
    public int MostWaiting { get; init; } = 1024;

    /// <summary>Bytes of the largest packet taken.</summary>
    public int LargestPacket { get; init; } = 256 * 1024;
}
