using System.Text.Json;
using IoTGateway.Commands;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;
using IoTGateway.Sinks.History;

namespace IoTGateway.Dashboard.Device;

/// <summary>Reads what a device's page shows from the same rooms as the API.</summary>
internal sealed class DeviceReader(
    DeviceRegistry registry,
    DeviceStatuses statuses,
    CatalogStore catalogs,
    CommandDispatcher commands,
    SettingsStore settings,
    HistoryQuery history
)
{
    private const int ShownCommands = 12;
    private const int ShownLines = 100;

    public RegisteredDevice? Find(string id) => registry.Find(id);

    /// <summary>Null where the device is gone.</summary>
    public DeviceFacts? Facts(string id)
    {
        if (registry.Find(id) is not { } device)
            return null;
        var status = statuses.Peek(id);
        return new DeviceFacts(
            id,
            device.Name,
            device.Disabled ? Fleet.Presence.Disabled
                : status.Online ? Fleet.Presence.Online
                : Fleet.Presence.Offline,
            status.SinceMs != 0 ? status.SinceMs : device.LastSeenMs ?? 0,
            status.LastEnd is { } end ? Words.Of(end) : null,
            device.Firmware,
            device.Board,
            device.CreatedMs,
            status.ClockSkewMs,
            status.Messages,
            status.Readings,
            status.Refused,
            status.RowsDropped,
            Watermarks(status)
        );
    }

    /// <summary>The commands that the device says it has.</summary>
    public IReadOnlyList<CommandForm> Forms(string id) => registry.Find(id) is { } device ? Forms(device) : [];

    /// <inheritdoc cref="Forms(string)"/>
    public IReadOnlyList<CommandForm> Forms(RegisteredDevice device) =>
        device.CatalogHash is { } hash && catalogs.Find(device.Id, hash) is { } catalog
            ? [.. catalog.Commands.Select(CommandForm.Of)]
            : [];

    /// <summary>What it measures, the room before the board.</summary>
    public IReadOnlyList<MeasuredField> Fields(string id)
    {
        var catalog = registry.Find(id)?.CatalogHash is { } hash ? catalogs.Find(id, hash) : null;
        return
        [
            .. history
                .Series(id)
                .OrderBy(series => MeasuredField.IsOfBoard(series.Fields.Select(field => field.Name)) ? 1 : 0)
                .SelectMany(series =>
                    series.Fields.Select(field => new MeasuredField(
                        series.Measurement,
                        field.Name,
                        field.Unit,
                        TypeOf(catalog, series.Measurement, field.Name) == FieldType.Boolean
                    ))
                ),
        ];
    }

    private static FieldType? TypeOf(Catalog? catalog, string measurement, string field) =>
        catalog
            ?.Sensors.FirstOrDefault(sensor => sensor.Measurement == measurement)
            ?.Fields.FirstOrDefault(one => one.Name == field)
            ?.Type;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<CommandData> Commands(string id) =>
        [
            .. commands
                .Of(id)
                .Reverse()
                .Take(ShownCommands)
                .Select(command => new CommandData(
                    command.Id.ToString(),
                    command.Name,
                    command.Arguments,
                    Words.Of(command.Status),
                    InWords(command.Result),
                    command.Changes[0].By,
                    [.. command.Changes.Select(change => (Words.Of(change.Status), change.AtMs))]
                )),
        ];

    /// <summary>An error is read; anything else is the device's own answer.</summary>
    private static string InWords(string result) =>
        JsonText.Parse(result) is { ValueKind: JsonValueKind.Object } json
        && json.TryGetProperty("error", out var error)
        && error.ValueKind == JsonValueKind.String
            ? error.GetString()! // a string, as just seen
            : result;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<LogEntry> Log(string id) =>
        [
            .. history
                .Logs(id, 0, 0, Protocol.ProtocolLimits.LatestUnixMs, ShownLines)
                .Reverse()
                .Select(line => new LogEntry(line.UnixMs, line.LevelName, line.Category, line.Message)),
        ];

    public SettingsData Settings(string id) => SettingsData.Of(settings.Find(id));

    public IReadOnlyList<LinkChange> Links(string id) =>
        [
            .. statuses
                .Peek(id)
                .Changes()
                .Select(change => new LinkChange(change.AtMs, change.End is { } end ? Words.Of(end) : null)),
        ];

    private static IReadOnlyList<(string, string)> Watermarks(DeviceStatus status)
    {
        if (status.Acknowledged is not { Sequence: > 0 } taken)
            return [];
        return
        [
            ("On the gateway's disk", $"all up to message {taken.Sequence}"),
            .. status
                .Stored.OrderBy(sink => sink.Key, StringComparer.Ordinal)
                .Select(sink => (Place(sink.Key), Far(sink.Value, taken))),
        ];
    }

    private static string Place(string sink) =>
        sink switch
        {
            "history" => "In the history",
            "influx" or "influxdb" => "In InfluxDB",
            "mqtt" => "At the MQTT broker",
            _ => $"In {sink}",
        };

    private static string Far(Ack stored, Ack taken) =>
        stored == taken ? "all of it"
        : stored.Epoch == taken.Epoch && stored.Sequence < taken.Sequence
            ? $"all but the last {taken.Sequence - stored.Sequence}"
        : $"all up to message {stored.Sequence} of an earlier start of the device";
}
