using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Links;
using IoTGateway.Security;
using IoTGateway.Sinks;
using IoTGateway.Sinks.History;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary><c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>, for whoever runs the gateway.</summary>
internal static class HealthApi
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", () => TypedResults.Text("alive\n"))
            .WithTags("Health")
            .WithSummary("The process is alive");
        app.MapGet("/readyz", Ready).WithTags("Health").WithSummary("The gateway takes telemetry; 503 says why not");
        // Made now, so that histograms count from the start.
        var page = app.Services.GetRequiredService<PrometheusText>();
        app.MapGet("/metrics", () => TypedResults.Text(page.Write(), "text/plain; version=0.0.4"))
            .RequireAuthorization(RoleAccess.KeyScheme)
            .WithTags("Health")
            .WithSummary("Prometheus text");
    }

    private static ContentHttpResult Ready(
        TelemetryJournal journal,
        LinkTable links,
        SinkHost sinks,
        HistoryDatabase history,
        MissedRegistry registry
    )
    {
        var reason = links.IsDraining ? "stopping: the gateway takes no new links" : journal.Health.Reason;
        // A sink in trouble is told, and yet telemetry is safe: the journal keeps it.
        var troubles = sinks.Reports.Select(sink => sink.Problem).OfType<string>().Select(problem => $"{problem}\n");
        var replaced = history.Replaced is { } told ? $"history: {told}\n" : "";
        var missed = registry.Told is { } gone ? $"control: {gone}\n" : "";
        return reason is null
            ? TypedResults.Text($"ready\n{missed}{replaced}{string.Concat(troubles)}")
            : TypedResults.Text($"{reason}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
