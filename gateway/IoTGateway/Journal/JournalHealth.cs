namespace IoTGateway.Journal;

/// <summary>Whether the journal can keep its promise now; if not, a text for a person that says why.</summary>
internal sealed record JournalHealth
{
    public static readonly JournalHealth Ok = new() { Reason = null };

    public required string? Reason { get; init; }

    /// <summary>What a person can do about it.</summary>
    public string Advice { get; private init; } = string.Empty;

    public bool IsOk => Reason is null;

    internal static JournalHealth Quota(long totalBytes, long maxBytes, string? slowestCursor)
    {
        var cause = slowestCursor is null
            ? "no cursor holds it back: raise Journal:MaxBytes"
            : $"the slowest cursor is '{slowestCursor}'";
        return new()
        {
            Reason =
                $"journal: quota reached: {totalBytes} of {maxBytes} bytes (Journal:MaxBytes) are in use and {cause}; "
                + "acknowledgements stop until it moves",
            Advice = slowestCursor is null
                ? "Raise Journal:MaxBytes."
                : $"Mend what keeps '{slowestCursor}' from storing, or raise Journal:MaxBytes.",
        };
    }

    internal static JournalHealth Failed(Exception failure) =>
        IsDiskFull(failure)
            ? new()
            {
                Reason = $"journal: disk full: {failure.Message}; acknowledgements stop until space is free",
                Advice = "Make room on the disk of the data folder.",
            }
            : new()
            {
                Reason = $"journal: write failed: {failure.Message}; acknowledgements stop until a write succeeds",
                Advice = "Check the disk of the data folder, and the rights on it.",
            };

    /// <summary>On Unix the HResult of an IOException is errno.</summary>
    internal static bool IsDiskFull(Exception failure)
    {
        const int NoSpace = 28;
        const int LinuxQuota = 122;
        const int MacQuota = 69;
        const int WindowsDiskFull = unchecked((int)0x80070070);
        const int WindowsHandleDiskFull = unchecked((int)0x80070027);
        return failure is IOException
            && failure.HResult is NoSpace or LinuxQuota or MacQuota or WindowsDiskFull or WindowsHandleDiskFull;
    }
}
