using IoTGateway.Dashboard.Fleet;

namespace IoTGateway.Dashboard.Device;

/// <summary>What is known of a device beside its readings.</summary>
public sealed record DeviceFacts(
    string Id,
    string Name,
    Presence Presence,
    long SinceMs,
    string? LastEnd,
    string? Firmware,
    string? Board,
    long CreatedMs,
    long? ClockSkewMs,
    long Messages,
    long Readings,
    long Refused,
    long RowsDropped,
    IReadOnlyList<(string Place, string State)> Watermarks
);

/// <summary>A link began, or ended.</summary>
/// <param name="AtMs">Unix milliseconds.</param>
/// <param name="End">How it ended; null where it began.</param>
public readonly record struct LinkChange(long AtMs, string? End);

/// <summary>A line of the device's log.</summary>
public readonly record struct LogEntry(long AtMs, string Level, string Category, string Message);
