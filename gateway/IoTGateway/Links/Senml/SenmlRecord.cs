namespace IoTGateway.Links.Senml;

/// <summary>One value of a SenML pack, its base fields resolved.</summary>
/// <param name="Measurement">First part of the name.</param>
/// <param name="Field">Second part of the name, or <c>value</c>.</param>
/// <param name="Unit">From the SenML registry; may be empty.</param>
/// <param name="TimeMs">Unix milliseconds.</param>
/// <param name="Number">The value, where it is a number.</param>
/// <param name="Truth">The value, where it is a boolean.</param>
internal readonly record struct SenmlRecord(
    string Measurement,
    string Field,
    string Unit,
    long TimeMs,
    decimal? Number,
    bool? Truth
);
