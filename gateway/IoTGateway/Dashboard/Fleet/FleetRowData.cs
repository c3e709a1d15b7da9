namespace IoTGateway.Dashboard.Fleet;

/// <summary>Whether a device is here.</summary>
public enum Presence
{
    Online,
    Offline,
    Disabled,
}

/// <summary>A field's last value.</summary>
public readonly record struct FleetValue(string Field, double Value, string Unit, bool IsSwitch);

/// <summary>A row of the page of all devices.</summary>
/// <param name="Id">The device.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Presence">Whether it is here.</param>
/// <param name="SinceMs">Since when, Unix milliseconds; 0 where it never was.</param>
/// <param name="Firmware">As it said.</param>
/// <param name="Board">As it said.</param>
/// <param name="Values">The first few fields.</param>
/// <param name="Rssi">Signal in dBm.</param>
/// <param name="LastRowMs">Time of its newest row; 0 for none.</param>
/// <param name="Version">Of the entry.</param>
public sealed record FleetRowData(
    string Id,
    string Name,
    Presence Presence,
    long SinceMs,
    string? Firmware,
    string? Board,
    IReadOnlyList<FleetValue> Values,
    double? Rssi,
    long LastRowMs,
    long Version
)
{
    /// <summary>The first field of the last minutes, as a path of 48 × 16; empty for nothing yet, and where nobody looks.</summary>
    public string Trend { get; init; } = string.Empty;

    /// <summary>When something last came of it.</summary>
    public long SeenMs => Presence == Presence.Online ? LastRowMs : Math.Max(LastRowMs, SinceMs);
}
