namespace IoTGateway.Commands;

/// <summary>Where a command stands. From Succeeded on it has ended. The numbers are kept on disk.</summary>
internal enum CommandStatus
{
    /// <summary>It waits for the device's link.</summary>
    Queued = 0,

    /// <summary>It goes out; no result is known.</summary>
    Sent = 1,

    /// <summary>The device ran it.</summary>
    Succeeded = 2,

    /// <summary>The device ran it, and it went wrong.</summary>
    Failed = 3,

    /// <summary>The device, or the gateway for it, would not run it.</summary>
    Refused = 4,

    /// <summary>Its time to live passed before a result came.</summary>
    Expired = 5,

    /// <summary>It was taken back while it waited.</summary>
    Cancelled = 6,
}
