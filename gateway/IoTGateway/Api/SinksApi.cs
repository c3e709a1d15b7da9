using IoTGateway.Sinks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary><c>/api/sinks</c>: how far each database is, and the rows that it refused.</summary>
internal static class SinksApi
{
    private const int DefaultLimit = 100;
    private const int MostRows = 1_000;

    public static void MapSinks(this IEndpointRouteBuilder api)
    {
        var sinks = api.MapGroup("/sinks").WithTags("Sinks");
        sinks.MapGet("/", List).WithSummary("Each sink: how far it is, and what keeps it");
        sinks
            .MapGet("/{sink}/rejected", Rejected)
            .Produces<RejectedPage>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Rows that the database refused, oldest first; 'after' is the page's 'next'");
        sinks
            .MapPost("/{sink}/rejected/retry", RetryAsync)
            .Produces<RetryReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Offer refused rows to the database again: those with the given ids, or all");
        sinks
            .MapDelete("/{sink}/rejected", DiscardAll)
            .Produces<DiscardReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Discard all refused rows of a sink");
        sinks
            .MapDelete("/{sink}/rejected/{id:long}", Discard)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Discard one refused row");
    }

    private static Ok<SinkState[]> List(SinkHost host, RejectedRows rejected) =>
        TypedResults.Ok(
            host.Reports.Select(report =>
                    SinkState.Of(report, rejected.Count(report.Name), rejected.Dropped(report.Name))
                )
                .ToArray()
        );

    private static IResult Rejected(
        string sink,
        SinkHost host,
        RejectedRows rejected,
        string? device = null,
        long after = 0,
        int limit = DefaultLimit
    )
    {
        if (host.Find(sink) is null)
            return Unknown(sink);
        if (limit is < 1 or > MostRows)
            return Problems.BadRequest($"'limit' is 1 to {MostRows}.");
        var rows = rejected.Page(sink, string.IsNullOrEmpty(device) ? null : device, after, limit);
        return TypedResults.Ok(
            new RejectedPage(
                rejected.Count(sink),
                rejected.Dropped(sink),
                [.. rows.Select(RejectedReport.Of)],
                rows.Count == limit ? rows[^1].Id : null
            )
        );
    }

    private static async Task<IResult> RetryAsync(
        string sink,
        RetryRequest? request,
        SinkHost host,
        RejectedRetry retry,
        CancellationToken aborted
    )
    {
        if (host.Find(sink) is not { } found)
            return Unknown(sink);
        var report = await retry.RunAsync(found, request?.Ids, aborted);
        return report.Problem is null
            ? TypedResults.Ok(report)
            : TypedResults.Problem(
                $"{report.Stored} rows were stored and {report.Refused} refused again; the others wait: {report.Problem}",
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
    }

    private static IResult DiscardAll(string sink, SinkHost host, RejectedRows rejected) =>
        host.Find(sink) is null ? Unknown(sink) : TypedResults.Ok(new DiscardReport(rejected.RemoveAll(sink)));

    private static IResult Discard(string sink, long id, SinkHost host, RejectedRows rejected)
    {
        if (host.Find(sink) is null)
            return Unknown(sink);
        return rejected.Remove(sink, [id]) > 0
            ? TypedResults.NoContent()
            : Problems.NotFound($"There is no refused row {id}. GET /api/sinks/{sink}/rejected lists those there are.");
    }

    private static ProblemHttpResult Unknown(string sink) =>
        Problems.NotFound($"There is no sink '{sink}'. GET /api/sinks lists those there are.");
}
