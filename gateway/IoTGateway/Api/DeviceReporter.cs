using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;
using IoTGateway.Sinks.History;

namespace IoTGateway.Api;

/// <summary>Puts together what registry, links, journal and history know of a device.</summary>
internal sealed class DeviceReporter(
    CatalogStore catalogs,
    DeviceStatuses statuses,
    SettingsStore settings,
    HistoryQuery history
)
{
    private static readonly DeviceSettings None = new(null, null);

    public DeviceReport Report(RegisteredDevice device) => Report(device, settings.Find(device.Id));

    /// <summary>A report for each of many.</summary>
    public DeviceReport[] Report(IReadOnlyList<RegisteredDevice> devices)
    {
        var all = settings.FindAll();
        return [.. devices.Select(device => Report(device, all.GetValueOrDefault(device.Id, None)))];
    }

    private DeviceReport Report(RegisteredDevice device, DeviceSettings applied)
    {
        var status = statuses.Peek(device.Id);
        var since = status.SinceMs != 0 ? status.SinceMs : device.LastSeenMs;
        return new DeviceReport(
            device.Id,
            device.Name,
            device.Disabled,
            device.CreatedMs,
            new PresenceReport(status.Online, since, status.LastEnd is { } end ? Words.Of(end) : null),
            device.Firmware,
            device.Board,
            status.ClockSkewMs,
            device.CatalogHash is { } hash && catalogs.Find(device.Id, hash) is { } catalog ? Report(catalog) : null,
            DesiredReport.Of(applied),
            ReportedReport.Of(applied),
            applied.Drift().Count > 0,
            [.. history.Series(device.Id).Select(Report)],
            new WatermarksReport(
                status.Acknowledged is { Sequence: > 0 } acknowledged ? acknowledged : null,
                status.Stored
            ),
            new CountersReport(status.Messages, status.Readings, status.Refused, status.RowsDropped)
        );
    }

    private static CatalogReport Report(Catalog catalog) =>
        new(
            [
                .. catalog.Sensors.Select(sensor => new SensorReport(
                    sensor.Measurement,
                    [.. sensor.Fields.Select(field => new FieldReport(field.Name, field.Unit, Words.Of(field.Type)))]
                )),
            ],
            catalog.Commands
        );

    private static RowReport Report(HistorySeries series) =>
        new(
            series.Measurement,
            series.LastUnixMs,
            series
                .Fields.Where(field => field.Value is not null)
                .ToDictionary(field => field.Name, field => field.Value)
        );
}
