namespace IoTGateway.Dashboard.Shell;

/// <summary>A field of a sensor.</summary>
/// <param name="Measurement">Of which sensor.</param>
/// <param name="Name">Which value.</param>
/// <param name="Unit">From the catalog; may be empty.</param>
/// <param name="IsSwitch">It is on or off.</param>
internal readonly record struct MeasuredField(string Measurement, string Name, string Unit, bool IsSwitch)
{
    /// <summary>Whether a sensor tells how the board feels, and not what the room is like.</summary>
    public static bool IsOfBoard(IEnumerable<string> fields) =>
        fields.Any(field => field is "uptime" or "free_heap" or "rssi");
}
