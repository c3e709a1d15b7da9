namespace IoTGateway.Commands;

/// <summary>What became of a <see cref="CommandOrder"/>: a command that is on disk, or why there is none.</summary>
/// <param name="Outcome">Taken in, or why not.</param>
/// <param name="Command">The command as it then stood; null where the outcome is a refusal.</param>
/// <param name="Detail">What is wrong and what to do next; empty where there is a command.</param>
internal sealed record Submission(SubmissionOutcome Outcome, DeviceCommand? Command, string Detail = "")
{
    public static Submission Refused(SubmissionOutcome outcome, string detail) => new(outcome, null, detail);

    public static Submission Unavailable { get; } =
        Refused(
            SubmissionOutcome.Unavailable,
            "The command could not be put on disk (see the gateway's log), and was not sent: try again, with an idempotencyKey."
        );
}

/// <summary>Taken in, or why not.</summary>
internal enum SubmissionOutcome
{
    /// <summary>A new command: it is on disk.</summary>
    Taken,

    /// <summary>The key names a command that is known already.</summary>
    Repeated,

    /// <summary>The order itself is wrong.</summary>
    Invalid,

    /// <summary>There is no such device.</summary>
    UnknownDevice,

    /// <summary>The key names a command that says something else.</summary>
    KeyReused,

    /// <summary>As many wait for the device as may.</summary>
    TooMany,

    /// <summary>The disk does not take it, or the gateway stops.</summary>
    Unavailable,
}
