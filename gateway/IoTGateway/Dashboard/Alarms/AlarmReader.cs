using IoTGateway.Alarms;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Dashboard.Alarms;

/// <summary>Reads what the page of alarms shows.</summary>
internal sealed class AlarmReader(AlarmWatch watch, AlarmStore store, DeviceRegistry registry, CatalogStore catalogs)
{
    private const int ShownEvents = 50;
    private const int Suggested = 1_000;

    public IReadOnlyList<AlarmRow> Active() =>
        [
            .. watch
                .Active()
                .Select(alarm => new AlarmRow(
                    alarm.Rule.Name,
                    alarm.Rule.InWords(),
                    alarm.Device,
                    alarm.SinceMs,
                    alarm.Value
                )),
        ];

    public IReadOnlyList<AlarmRuleRow> Rules() =>
        [
            .. watch.Rules.Select(rule => new AlarmRuleRow(
                rule.Id,
                rule.Name,
                rule.Device,
                rule.Measurement,
                rule.InWords(),
                rule.Kind == AlarmKind.Missing ? "–" : Figures.Number(rule.Hysteresis)
            )),
        ];

    public IReadOnlyList<AlarmEventRow> Events() =>
        [
            .. store
                .Events(ShownEvents)
                .Select(one => new AlarmEventRow(
                    one.Name,
                    one.Words,
                    one.Device,
                    one.Raised,
                    one.AtMs,
                    one.Value,
                    one.Late
                )),
        ];

    /// <summary>Devices, and fields that they say they have: what a form can suggest.</summary>
    public (IReadOnlyList<string> Devices, IReadOnlyList<string> Fields) Known()
    {
        var devices = registry.List();
        var fields = devices
            .Where(device => device.CatalogHash is not null)
            .DistinctBy(device => device.CatalogHash)
            .Select(device => catalogs.Find(device.Id, device.CatalogHash!.Value)) // not null: asked above
            .OfType<Catalog>()
            .SelectMany(catalog => catalog.Sensors)
            .SelectMany(sensor => sensor.Fields.Select(field => $"{sensor.Measurement}/{field.Name}"))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Take(Suggested);
        return ([.. devices.Take(Suggested).Select(device => device.Id)], [.. fields]);
    }
}
