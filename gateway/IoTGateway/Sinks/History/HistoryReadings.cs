namespace IoTGateway.Sinks.History;

/// <summary>One value at one time; true is 1.</summary>
internal readonly record struct HistoryPoint(long UnixMs, double Value);

/// <summary>What a chart shows.</summary>
/// <param name="Measurement">The sensor's name.</param>
/// <param name="Field">The field's name.</param>
/// <param name="Unit">From the catalog; may be empty.</param>
/// <param name="Points">Ascending in time.</param>
internal sealed record HistoryReadings(
    string Measurement,
    string Field,
    string Unit,
    IReadOnlyList<HistoryPoint> Points
);

/// <summary>A field with its last value; null where the last row has none.</summary>
internal readonly record struct HistoryField(string Name, string Unit, double? Value);

/// <summary>One measurement of a device and its last row.</summary>
internal sealed record HistorySeries(string Measurement, long LastUnixMs, IReadOnlyList<HistoryField> Fields);

/// <summary>Rows a device had to drop.</summary>
internal readonly record struct HistoryGap(uint Epoch, long FromUnixMs, long ToUnixMs, long RowsDropped);
