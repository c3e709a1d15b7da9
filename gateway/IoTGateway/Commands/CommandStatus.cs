namespace IoTGateway.Commands;

/// <summary>Where a command stands. From Succeeded on it has ended.</summary>
internal enum CommandStatus
{
    /// <summary>It waits for the device's link.</summary>
    Queued,

    /// <summary>It went out; no result is known.</summary>
    Sent,

    /// <summary>The device ran it.</summary>
    Succeeded,

    /// <summary>The device ran it, and it went wrong.</summary>
    Failed,

    /// <summary>The device, or the gateway for it, would not run it.</summary>
    Refused,

    /// <summary>Its time to live passed before a result came.</summary>
    Expired,

    /// <summary>It was taken back while it waited.</summary>
    Cancelled,
}
