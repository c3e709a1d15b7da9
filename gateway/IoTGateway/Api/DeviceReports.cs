using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Api;

/// <summary>A device as the API shows it. Times are Unix milliseconds.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Disabled">It may not connect.</param>
/// <param name="Created">When it was registered.</param>
/// <param name="Presence">Whether it is here.</param>
/// <param name="Firmware">As its HELLO said.</param>
/// <param name="Board">As its HELLO said.</param>
/// <param name="ClockSkewMs">Its clock minus the gateway's: as HELLO said, and since then as its rows show.</param>
/// <param name="Catalog">What it measures and what it can be told.</param>
/// <param name="Desired">Settings wished for.</param>
/// <param name="Reported">Settings as it last said it applies them.</param>
/// <param name="SettingsDiffer">Whether it applies something else than is desired: GET its settings for what.</param>
/// <param name="Last">The newest row of each sensor in the history.</param>
/// <param name="Watermarks">How far its telemetry has come.</param>
/// <param name="Counters">Since the gateway started.</param>
internal sealed record DeviceReport(
    string Id,
    string Name,
    bool Disabled,
    long Created,
    PresenceReport Presence,
    string? Firmware,
    string? Board,
    long? ClockSkewMs,
    CatalogReport? Catalog,
    DesiredReport? Desired,
    ReportedReport? Reported,
    bool SettingsDiffer,
    IReadOnlyList<RowReport> Last,
    WatermarksReport Watermarks,
    CountersReport Counters
);

/// <summary>Whether a device is here, since when, and how its last link ended.</summary>
internal sealed record PresenceReport(bool Online, long? Since, string? LastEnd);

/// <summary>What a device measures and what it can be told.</summary>
internal sealed record CatalogReport(IReadOnlyList<SensorReport> Sensors, IReadOnlyList<CommandDescription> Commands);

/// <summary>A sensor of a catalog.</summary>
internal sealed record SensorReport(string Measurement, IReadOnlyList<FieldReport> Fields);

/// <summary>A field of a sensor.</summary>
internal sealed record FieldReport(string Name, string Unit, string Type);

/// <summary>A row with its fields by name.</summary>
internal sealed record RowReport(string Measurement, long Time, IReadOnlyDictionary<string, double?> Fields);

/// <summary>The last message on the gateway's disk, and the last in each sink.</summary>
internal sealed record WatermarksReport(Ack? Acknowledged, IReadOnlyDictionary<string, Ack> Stored);

/// <summary>What came of a device.</summary>
internal sealed record CountersReport(long Messages, long Readings, long Refused, long RowsDropped);

/// <summary><c>POST /api/devices</c>.</summary>
internal sealed record DeviceRequest(string? Id, string? Name);

/// <summary>A device and its token, which is shown this once.</summary>
internal sealed record TokenReport(string Id, string Token);

/// <summary><c>PATCH /api/devices/{id}</c>; what is absent stays.</summary>
internal sealed record DeviceChange(string? Name, bool? Disabled);
