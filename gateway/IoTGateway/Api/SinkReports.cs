using IoTGateway.Sinks;
using IoTGateway.Sinks.Influx;

namespace IoTGateway.Api;

/// <summary>A sink as the API shows it.</summary>
/// <param name="Name">The sink.</param>
/// <param name="State">In words: caught up, storing, or what is wrong since when and what to do.</param>
/// <param name="Ok">Whether it stores what it gets.</param>
/// <param name="LagBytes">Journal bytes it has not stored.</param>
/// <param name="BehindSeconds">Age of the oldest message in its hand; 0 when caught up.</param>
/// <param name="LastError">The last reason to keep a batch, even after it has passed.</param>
/// <param name="Rows">Rows stored since the start.</param>
/// <param name="Batches">Batches stored since the start.</param>
/// <param name="Retries">Batches that had to come again.</param>
/// <param name="SkippedRecords">Journal records that could not be decoded.</param>
/// <param name="Rejected">Refused rows that are kept.</param>
/// <param name="RejectedDropped">Refused rows that went to make room for newer ones.</param>
internal sealed record SinkState(
    string Name,
    string State,
    bool Ok,
    long LagBytes,
    double BehindSeconds,
    string? LastError,
    long Rows,
    long Batches,
    long Retries,
    long SkippedRecords,
    long Rejected,
    long RejectedDropped
)
{
    public static SinkState Of(SinkReport report, long rejected, long dropped) =>
        new(
            report.Name,
            report.Problem ?? (report.LagBytes == 0 ? "caught up" : "storing"),
            report.Problem is null,
            report.LagBytes,
            report.Behind.TotalSeconds,
            report.LastError,
            report.Counters.Rows,
            report.Batches,
            report.Retries,
            report.Counters.DamagedRecords + report.Counters.UnknownCatalogRecords,
            rejected,
            dropped
        );
}

/// <summary>A page of refused rows.</summary>
/// <param name="Total">How many of this sink are kept.</param>
/// <param name="Dropped">How many went since the start to make room.</param>
/// <param name="Rows">By id, oldest first.</param>
/// <param name="Next">For the next page's <c>after</c>; null at the end.</param>
internal sealed record RejectedPage(long Total, long Dropped, IReadOnlyList<RejectedReport> Rows, long? Next);

/// <summary>A row that a database refused.</summary>
/// <param name="Id">Names it for retry and discard.</param>
/// <param name="Device">Whose row it is.</param>
/// <param name="Measurement">Of which sensor, where the row's text tells.</param>
/// <param name="Time">Unix milliseconds of the row, likewise.</param>
/// <param name="Fields">Its values, likewise.</param>
/// <param name="Row">As it was sent.</param>
/// <param name="Reason">What the database said.</param>
/// <param name="RejectedAt">When it last said so, Unix milliseconds.</param>
internal sealed record RejectedReport(
    long Id,
    string Device,
    string? Measurement,
    long? Time,
    IReadOnlyDictionary<string, string>? Fields,
    string Row,
    string Reason,
    long RejectedAt
)
{
    public static RejectedReport Of(RejectedEntry entry)
    {
        var line = LineText.Parse(entry.Row.Row);
        return new RejectedReport(
            entry.Id,
            entry.Row.Device,
            line?.Measurement,
            line?.UnixMs,
            line?.Fields,
            entry.Row.Row,
            entry.Row.Reason,
            entry.AtUnixMs
        );
    }
}

/// <summary><c>POST /api/sinks/{sink}/rejected/retry</c>; without ids, all.</summary>
internal sealed record RetryRequest(IReadOnlyList<long>? Ids);

/// <summary>How many refused rows were discarded.</summary>
internal sealed record DiscardReport(int Discarded);
