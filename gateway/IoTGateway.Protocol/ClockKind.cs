namespace IoTGateway.Protocol;

/// <summary>What a time counts from (PROTOCOL.md, "Times").</summary>
public enum ClockKind : byte
{
    /// <summary>Milliseconds since the device booted: its clock is not set.</summary>
    SinceBoot = 0,

    /// <summary>Unix milliseconds.</summary>
    Unix = 1,
}
