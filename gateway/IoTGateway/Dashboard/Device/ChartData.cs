using IoTGateway.Dashboard.Charts;

namespace IoTGateway.Dashboard.Device;

/// <summary>A chart of the page.</summary>
/// <param name="Id">The part of the page.</param>
/// <param name="Measurement">Of which sensor.</param>
/// <param name="Field">Which value.</param>
/// <param name="Unit">From the catalog.</param>
/// <param name="Csv">Where all readings of the range are.</param>
/// <param name="Shape">What to draw.</param>
public sealed record ChartData(string Id, string Measurement, string Field, string Unit, string Csv, ChartShape Shape);
