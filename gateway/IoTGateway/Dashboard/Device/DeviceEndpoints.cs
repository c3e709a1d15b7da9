using IoTGateway.Api;
using IoTGateway.Dashboard.Charts;
using IoTGateway.Dashboard.Live;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Live;
using IoTGateway.Security;
using IoTGateway.Sinks.History;

namespace IoTGateway.Dashboard.Device;

/// <summary><c>/devices/{id}</c>: one device.</summary>
internal static class DeviceEndpoints
{
    public static void MapDevice(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/devices/{id}", Show);
        pages.MapGet("/devices/{id}/readings.csv", Csv);
        pages.MapGet("/live/devices/{id}", LiveAsync);
        pages.MapPost("/devices/{id}/commands", DeviceActions.CommandAsync);
        pages.MapPost("/devices/{id}/commands/{commandId:guid}/cancel", DeviceActions.CancelAsync);
        pages.MapPost("/devices/{id}/settings", DeviceActions.SettingsAsync);
        var admin = pages.MapGroup("/devices/{id}").Takes(Role.Admin);
        admin.MapPost("/name", DeviceActions.RenameAsync);
        admin.MapPost("/rotate", DeviceActions.RotateAsync);
        admin.MapPost("/enable", DeviceActions.EnableAsync);
        admin.MapPost("/disable", DeviceActions.DisableAsync);
        admin.MapPost("/remove", DeviceActions.RemoveAsync);
    }

    private static IResult Show(
        string id,
        HttpContext http,
        DeviceReader reader,
        HistoryQuery history,
        HistoryOptions options,
        TimeProvider time,
        string? range = null
    ) => Page(id, http, reader, history, options, time, range, null);

    internal static IResult Page(
        string id,
        HttpContext http,
        DeviceReader reader,
        HistoryQuery history,
        HistoryOptions options,
        TimeProvider time,
        string? range,
        string? problem
    )
    {
        if (reader.Find(id) is not { } device || reader.Facts(id) is not { } facts)
            return Pages.UnknownDevice(id);
        var chosen = ChartRange.Of(range, options.Retention);
        using var charts = new DeviceCharts(id, chosen, Visit.Of(http).Zone, reader, history, null, time);
        return Pages.Show<DevicePage>(
            http,
            (nameof(DevicePage.Facts), facts),
            (nameof(DevicePage.Range), chosen),
            (nameof(DevicePage.Ranges), ChartRange.All(options.Retention)),
            (nameof(DevicePage.Charts), charts.Read(http.RequestAborted)),
            (nameof(DevicePage.Forms), reader.Forms(device)),
            (nameof(DevicePage.Commands), reader.Commands(id)),
            (nameof(DevicePage.Settings), reader.Settings(id)),
            (nameof(DevicePage.Links), reader.Links(id)),
            (nameof(DevicePage.Log), reader.Log(id)),
            (nameof(DevicePage.Problem), problem)
        );
    }

    private static Task LiveAsync(
        string id,
        HttpContext http,
        LiveViews views,
        DeviceReader reader,
        HistoryQuery history,
        HistoryOptions options,
        LiveFeed feed,
        TimeProvider time,
        string? range = null
    )
    {
        // Before the upgrade: it may set the cookie that its forms' token belongs to.
        var visit = Visit.Of(http);
        return views.RunAsync(
            http,
            () =>
                new DeviceView(
                    id,
                    new DeviceCharts(
                        id,
                        ChartRange.Of(range, options.Retention),
                        visit.Zone,
                        reader,
                        history,
                        feed,
                        time
                    ),
                    reader,
                    visit
                )
        );
    }

    private static IResult Csv(
        string id,
        HttpContext http,
        DeviceReader reader,
        HistoryQuery history,
        HistoryOptions options,
        TimeProvider time,
        string? measurement = null,
        string? field = null,
        string? range = null
    )
    {
        if (reader.Find(id) is null)
            return Pages.UnknownDevice(id);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var from = now - (long)ChartRange.Of(range, options.Retention).Length.TotalMilliseconds;
        return ReadingsApi.Csv(
            history,
            id,
            measurement ?? string.Empty,
            field ?? string.Empty,
            Math.Max(0, from),
            Protocol.ProtocolLimits.LatestUnixMs,
            http.RequestAborted
        );
    }
}
