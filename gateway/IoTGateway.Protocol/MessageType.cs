namespace IoTGateway.Protocol;

/// <summary>First byte of every message (PROTOCOL.md, "Messages"). From 0x80 on, the gateway speaks.</summary>
public enum MessageType : byte
{
    /// <summary>Not a message.</summary>
    None = 0,

    /// <summary>Device introduces itself; the first message of a link.</summary>
    Hello = 0x01,

    /// <summary>Device describes its sensors and commands.</summary>
    Catalog = 0x02,

    /// <summary>Blocks of rows.</summary>
    Telemetry = 0x03,

    /// <summary>What became of a COMMAND.</summary>
    CommandResult = 0x04,

    /// <summary>A log line of the device.</summary>
    Log = 0x05,

    /// <summary>Settings as the device applies them.</summary>
    Reported = 0x06,

    /// <summary>Rows the device had to drop.</summary>
    Gap = 0x07,

    /// <summary>An orderly end.</summary>
    Bye = 0x08,

    /// <summary>Gateway's answer to HELLO.</summary>
    Welcome = 0x81,

    /// <summary>Receipt: durable up to a sequence.</summary>
    Ack = 0x82,

    /// <summary>A command to run once.</summary>
    Command = 0x83,

    /// <summary>Settings wished for.</summary>
    Desired = 0x84,

    /// <summary>A TELEMETRY that will never be taken.</summary>
    Refused = 0x85,

    /// <summary>The gateway is going away.</summary>
    RetryAfter = 0x86,
}
