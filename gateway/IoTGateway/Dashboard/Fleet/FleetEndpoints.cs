using IoTGateway.Dashboard.Live;
using IoTGateway.Dashboard.Shell;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Dashboard.Fleet;

/// <summary><c>/</c>: all devices.</summary>
internal static class FleetEndpoints
{
    public static void MapFleet(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/", Show);
        pages.MapGet(
            "/live/fleet",
            (HttpContext http, LiveViews views, FleetTable table) =>
                views.RunAsync(http, () => new FleetView(table, FleetFilter.Of(http.Request.Query)))
        );
    }

    private static IResult Show(HttpContext http, FleetTable table)
    {
        // The page's own connection follows: what is read now serves it as well.
        using var watching = table.Watch();
        if (!table.IsReady)
            table.Refresh();
        var filter = FleetFilter.Of(http.Request.Query);
        var rows = filter.Apply(table.All);
        var first = rows.Take(FleetView.FirstRows).Select(table.WithHistory);
        return Pages.Show<FleetPage>(
            http,
            (nameof(FleetPage.Filter), filter),
            (nameof(FleetPage.All), table.All.Length),
            (nameof(FleetPage.Online), table.Online),
            (nameof(FleetPage.Total), rows.Length),
            (nameof(FleetPage.Rows), first.Select(table.WithTrend).ToArray())
        );
    }
}
