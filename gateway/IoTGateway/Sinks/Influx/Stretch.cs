using IoTGateway.Journal;

namespace IoTGateway.Sinks.Influx;

/// <summary>A run of a batch's records that goes to the database together.</summary>
/// <param name="Batch">Whose.</param>
/// <param name="IsLast">Its last one.</param>
/// <param name="Answer">What becomes of it.</param>
internal readonly record struct Stretch(JournalBatch Batch, bool IsLast, Task<StretchAnswer> Answer)
{
    /// <summary>Whether it came to something that must come again.</summary>
    public bool HasFailed => Answer.IsCompleted && !(Answer.IsCompletedSuccessfully && Answer.Result.Verdict.Accepted);
}

/// <summary>What has become of a stretch.</summary>
/// <param name="Verdict">Accept when all its lines are dealt with: stored, or in <paramref name="Rejected"/>.</param>
/// <param name="Through">Its records up to here are dealt with; null where none is.</param>
/// <param name="Rows">Of those records, stored.</param>
/// <param name="Readings">The same.</param>
/// <param name="Rejected">Of those records, refused for good.</param>
/// <param name="Requests">How many were dealt with.</param>
/// <param name="TooSlow">Lines of the request that took the database too long; 0 where none did.</param>
internal sealed record StretchAnswer(
    SinkVerdict Verdict,
    JournalOffset? Through,
    long Rows,
    long Readings,
    IReadOnlyList<RejectedRow> Rejected,
    int Requests,
    int TooSlow
);
