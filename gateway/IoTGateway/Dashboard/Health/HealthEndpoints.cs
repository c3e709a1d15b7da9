using IoTGateway.Api;
using IoTGateway.Dashboard.Live;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Sinks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Dashboard.Health;

/// <summary><c>/health</c>: how the gateway fares.</summary>
internal static class HealthEndpoints
{
    public static void MapHealthPage(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/health", Show);
        pages.MapGet(
            "/live/health",
            (HttpContext http, LiveViews views, HealthReader reader, TimeProvider time) =>
            {
                var visit = Visit.Of(http);
                return views.RunAsync(http, () => new HealthView(reader, new RateMeter(time), visit));
            }
        );
        pages.MapPost("/health/{sink}/rejected/retry", RetryAsync);
        pages.MapPost("/health/{sink}/rejected/discard", Discard);
    }

    private static IResult Show(HttpContext http, HealthReader reader, TimeProvider time) =>
        Pages.Show<HealthPage>(
            http,
            (nameof(HealthPage.Troubles), reader.Troubles()),
            (nameof(HealthPage.Data), reader.Figures(new RateMeter(time))),
            (nameof(HealthPage.Sinks), reader.Sinks()),
            (nameof(HealthPage.Refusals), reader.Refusals()),
            (nameof(HealthPage.Rejected), reader.Rejected()),
            (nameof(HealthPage.Certificate), reader.Certificate())
        );

    private static async Task<IResult> RetryAsync(
        string sink,
        HttpContext http,
        SinkHost sinks,
        RejectedRetry retry,
        CancellationToken aborted
    )
    {
        if (sinks.Find(sink) is not { } found)
            return Problems.NotFound($"There is no sink '{sink}'.");
        var report = await retry.RunAsync(found, null, aborted);
        return report switch
        {
            // What is refused again stands in the list with its reason.
            _ when !Pages.IsPart(http) => TypedResults.LocalRedirect("/health"),
            { Problem: { } problem } => Pages.Say(
                $"{sink} takes nothing now: {problem}. {Figures.Count(report.Stored)} were stored, the others stay.",
                "bad"
            ),
            { Refused: > 0 } => Pages.Say(
                $"{sink} has stored {Figures.Count(report.Stored)} and refused {Figures.Count(report.Refused)} again: the list says why.",
                "warn"
            ),
            _ => Pages.Say($"{sink} has stored all {Figures.Count(report.Stored)}.", "good"),
        };
    }

    private static IResult Discard(string sink, HttpContext http, SinkHost sinks, RejectedRows rejected)
    {
        if (sinks.Find(sink) is null)
            return Problems.NotFound($"There is no sink '{sink}'.");
        var discarded = rejected.RemoveAll(sink);
        return Pages.IsPart(http)
            ? Pages.Say($"{Figures.Count(discarded)} rows of {sink} are discarded.", "good")
            : TypedResults.LocalRedirect("/health");
    }
}
