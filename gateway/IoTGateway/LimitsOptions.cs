using IoTGateway.Protocol;

namespace IoTGateway;

/// <summary><c>Limits:*</c>: how much peers may ask of this gateway.</summary>
internal sealed class LimitsOptions
{
    /// <summary>Links at a time.</summary>
    public int Connections { get; set; } = 20_000;

    /// <summary>
    /// Connections at a time that are no link: requests, pages, handshakes under way, and whoever connects and says nothing.
    /// Those beyond are ended at once.
    /// </summary>
    public int OtherConnections { get; set; } = 10_000;

    /// <summary>Handshakes a second over all devices; those beyond are asked to come back a little later.</summary>
    public int HandshakesPerSecond { get; set; } = 1_000;

    /// <summary>Handshakes a second from one address; ten times that in a burst.</summary>
    public int HandshakesPerSecondPerAddress { get; set; } = 200;

    /// <summary>Handshakes a minute of one device.</summary>
    public int HandshakesPerMinutePerDevice { get; set; } = 60;

    /// <summary>Requests a second of one device that polls; ten times that in a burst.</summary>
    public int RequestsPerSecondPerDevice { get; set; } = 20;

    /// <summary>Requests of devices held at a time; those beyond are answered at once, and asked to come back later.</summary>
    public int HeldRequests { get; set; } = 10_000;

    /// <summary>Messages a second over all devices; 0 for no limit. Beyond it, reading waits.</summary>
    public int MessagesPerSecond { get; set; }

    /// <summary>Messages a second of one device; ten times that in a burst. Beyond it, the link is closed with 4429.</summary>
    public int MessagesPerSecondPerDevice { get; set; } = 1_000;

    /// <summary>Largest message in bytes, at most 16,384.</summary>
    public int MessageBytes { get; set; } = ProtocolLimits.MessageBytes;

    /// <summary>TELEMETRY messages a device may have unacknowledged.</summary>
    public int Window { get; set; } = 32;

    /// <summary>Seconds between pings; a link silent for two periods is closed.</summary>
    public int PingSeconds { get; set; } = 15;

    /// <summary>Seconds a new link has until its HELLO.</summary>
    public int HelloSeconds { get; set; } = 10;

    /// <summary>Commands that may wait for one device.</summary>
    public int QueuedCommandsPerDevice { get; set; } = 16;

    /// <summary>Pages of the dashboard that may be open at a time.</summary>
    public int DashboardPages { get; set; } = 200;

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            Setting.Range("Limits:Connections", Connections, 1, 1_000_000),
            Setting.Range("Limits:OtherConnections", OtherConnections, 10, 1_000_000),
            Setting.Range("Limits:HandshakesPerSecond", HandshakesPerSecond, 1, 1_000_000),
            Setting.Range("Limits:HandshakesPerSecondPerAddress", HandshakesPerSecondPerAddress, 1, 1_000_000),
            Setting.Range("Limits:HandshakesPerMinutePerDevice", HandshakesPerMinutePerDevice, 1, 1_000_000),
            Setting.Range("Limits:RequestsPerSecondPerDevice", RequestsPerSecondPerDevice, 1, 1_000_000),
            Setting.Range("Limits:HeldRequests", HeldRequests, 0, 1_000_000),
            Setting.Range("Limits:MessagesPerSecond", MessagesPerSecond, 0, int.MaxValue),
            Setting.Range("Limits:MessagesPerSecondPerDevice", MessagesPerSecondPerDevice, 1, int.MaxValue),
            Setting.Range("Limits:MessageBytes", MessageBytes, 256, ProtocolLimits.MessageBytes),
            Setting.Range("Limits:Window", Window, 1, 1024),
            Setting.Range("Limits:PingSeconds", PingSeconds, 1, 3600),
            Setting.Range("Limits:HelloSeconds", HelloSeconds, 1, 300),
            Setting.Range("Limits:QueuedCommandsPerDevice", QueuedCommandsPerDevice, 1, 10_000),
            Setting.Range("Limits:DashboardPages", DashboardPages, 0, 100_000)
        );
}
