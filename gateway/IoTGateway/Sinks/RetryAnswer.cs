namespace IoTGateway.Sinks;

/// <summary>What became of rejected rows that were offered again.</summary>
/// <param name="Stored">The database has them now.</param>
/// <param name="Refused">It refused them again, and why.</param>
/// <param name="Problem">Why no more could be said about any of them; null where each is in one of the lists.</param>
internal readonly record struct RetryAnswer(
    IReadOnlyList<long> Stored,
    IReadOnlyList<(long Id, string Reason)> Refused,
    string? Problem
)
{
    /// <summary>Nothing is known of the rows: they stay as they are.</summary>
    public static RetryAnswer Failed(string problem) => new([], [], problem);
}
