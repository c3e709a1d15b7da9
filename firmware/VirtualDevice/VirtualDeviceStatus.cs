namespace IoTGateway.VirtualDevice;

/// <summary>The device's own view, summed over its boots where it counts.</summary>
public sealed record VirtualDeviceStatus
{
    public required bool Running { get; init; }

    /// <summary>WELCOME was received on the present link.</summary>
    public required bool Connected { get; init; }

    /// <summary>The present boot, or the last; 0 before the first.</summary>
    public required uint Epoch { get; init; }
    public required long RowsSampled { get; init; }
    public required long RowsAcknowledged { get; init; }

    /// <summary>Dropped by a full outbox, and told to the gateway as a gap.</summary>
    public required long RowsDropped { get; init; }

    /// <summary>REFUSED by the gateway.</summary>
    public required long RowsRefused { get; init; }

    /// <summary>
    /// In RAM without an ACK when the power went. Some of them may be durable all the same, where the ACK was on its way.
    /// </summary>
    public required long RowsLost { get; init; }

    /// <summary>In flash without an ACK, now or when the device stopped: the next boot sends them.</summary>
    public required long RowsInFlash { get; init; }

    /// <summary>Rows that moved from RAM to flash.</summary>
    public required long RowsSpilled { get; init; }
    public required long SpillFilesWritten { get; init; }

    /// <summary>Files of rows that could not be read back; what they held is told as a gap.</summary>
    public required long SpillFilesDamaged { get; init; }

    /// <summary>Writes the flash refused.</summary>
    public required long SpillsFailed { get; init; }

    /// <summary>What the firmware wrote to flash, the counter of boots aside.</summary>
    public required long FlashBytesWritten { get; init; }

    /// <summary>LOG messages for which the queue had no room.</summary>
    public required long LogsDropped { get; init; }
    public required long LinksOpened { get; init; }
    public required long ConnectFailures { get; init; }
    public required long LinksStalled { get; init; }
    public required long MessagesSent { get; init; }
    public required long MessagesRefused { get; init; }
    public required long MalformedMessages { get; init; }
    public required long FragmentsRefused { get; init; }
    public required long CommandsRun { get; init; }
    public required long CommandsRefused { get; init; }
    public required long CommandsExpired { get; init; }
    public required long CommandsRepeated { get; init; }

    /// <summary>Name and arguments of the last command that was run; empty before the first.</summary>
    public required string LastCommand { get; init; }

    /// <summary>The exception that ended the firmware, which on a board would be a silent stop; null otherwise.</summary>
    public required string? Fault { get; init; }
}
