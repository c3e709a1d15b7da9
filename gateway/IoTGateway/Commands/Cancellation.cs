namespace IoTGateway.Commands;

/// <summary>What became of taking a command back.</summary>
/// <param name="Outcome">In short.</param>
/// <param name="Command">The command as it then stood; null where none was found.</param>
internal readonly record struct Cancellation(CancellationOutcome Outcome, DeviceCommand? Command)
{
    public const string UnavailableDetail =
        "That the command is taken back could not be put on disk (see the gateway's log); it stays as it is: try again.";

    public static Cancellation Unknown => new(CancellationOutcome.Unknown, null);

    public static Cancellation Unavailable => new(CancellationOutcome.Unavailable, null);
}

/// <summary>What became of taking a command back.</summary>
internal enum CancellationOutcome
{
    /// <summary>It is taken back, on disk.</summary>
    Cancelled,

    /// <summary>It was sent, or has ended: it stays as it is.</summary>
    TooLate,

    /// <summary>There is no such command.</summary>
    Unknown,

    /// <summary>The disk does not take it, or the gateway stops: the command stays as it is.</summary>
    Unavailable,
}
