using System.Text.Json;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Api;

/// <summary>Puts together what registry, links, journal and history know of a device.</summary>
internal sealed class DeviceReporter(CatalogStore catalogs, DeviceStatuses statuses)
{
    public DeviceReport Report(Device device)
    {
        var status = statuses.Peek(device.Id);
        var since = status.SinceMs != 0 ? status.SinceMs : device.LastSeenMs;
        return new DeviceReport(
            device.Id,
            device.Name,
            device.Disabled,
            device.CreatedMs,
            new PresenceReport(status.Online, since, status.LastEnd?.ToString()),
            device.Firmware,
            device.Board,
            status.ClockSkewMs,
            device.CatalogHash is { } hash && catalogs.Find(device.Id, hash) is { } catalog ? Report(catalog) : null,
            [],
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
                    [.. sensor.Fields.Select(field => new FieldReport(field.Name, field.Unit, Word(field.Type)))]
                )),
            ],
            catalog.Commands
        );

    private static string Word(FieldType type) => JsonNamingPolicy.CamelCase.ConvertName(type.ToString());
}
