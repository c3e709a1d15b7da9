namespace IoTGateway.Sinks;

/// <summary>
/// Offers rejected rows to their sink again, some hundred at a time. A row leaves <c>rejected.db</c> only when the
/// database has it: a crash in between leaves it in both, and the next retry changes nothing there.
/// </summary>
internal sealed class RejectedRetry(RejectedRows rejected) : IDisposable
{
    private const int RowsAtATime = 500;

    // Two at once would offer the same rows twice.
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Offers rows with these ids, or all there are now.</summary>
    public async Task<RetryReport> RunAsync(ISink sink, IReadOnlyList<long>? ids, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await OfferAsync(sink, ids, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<RetryReport> OfferAsync(
        ISink sink,
        IReadOnlyList<long>? ids,
        CancellationToken cancellationToken
    )
    {
        var report = new RetryReport(0, 0, null);
        // What is refused while this runs is left for the next time.
        var last = rejected.Newest(sink.Name, 1) is [var newest] ? newest.Id : 0;
        long after = 0;
        foreach (var some in ids is null ? Pages() : ids.Distinct().Chunk(RowsAtATime).Select(Named))
        {
            if (some.Count == 0)
                continue;
            var answer = await sink.RetryAsync(some, cancellationToken);
            rejected.Remove(sink.Name, answer.Stored);
            rejected.RefusedAgain(sink.Name, answer.Refused);
            report = new RetryReport(
                report.Stored + answer.Stored.Count,
                report.Refused + answer.Refused.Count,
                answer.Problem
            );
            if (answer.Problem is not null)
                break;
        }
        return report;

        IEnumerable<IReadOnlyList<RejectedEntry>> Pages()
        {
            while (rejected.Page(sink.Name, null, after, RowsAtATime) is [.., var end] page && after < last)
            {
                after = end.Id;
                yield return [.. page.Where(row => row.Id <= last)];
            }
        }

        IReadOnlyList<RejectedEntry> Named(long[] some) =>
            [.. some.Select(id => rejected.Find(sink.Name, id)).OfType<RejectedEntry>()];
    }
}

/// <summary>What a retry came to.</summary>
/// <param name="Stored">Rows the database has now.</param>
/// <param name="Refused">Rows it refused again; they stay, with the new reason.</param>
/// <param name="Problem">Why it ended early; null where every row was offered.</param>
internal sealed record RetryReport(int Stored, int Refused, string? Problem);
