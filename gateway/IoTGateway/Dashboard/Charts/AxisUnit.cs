using IoTGateway.Dashboard.Shell;
using IoTGateway.Sinks.History;

namespace IoTGateway.Dashboard.Charts;

/// <summary>The unit of an axis: seconds become hours where there are many, bytes become kilobytes.</summary>
/// <param name="Divisor">What a value is divided by for it.</param>
/// <param name="Text">As it is written; empty for none.</param>
internal readonly record struct AxisUnit(double Divisor, string Text)
{
    private const double Minute = 60;
    private const double Hour = 60 * Minute;
    private const double Day = 24 * Hour;

    /// <summary>By the largest value that is shown.</summary>
    public static AxisUnit Of(HistoryPoint[] points, string unit)
    {
        var most = 0.0;
        foreach (var point in points)
            most = Math.Max(most, Math.Abs(point.Value));
        return (unit, most) switch
        {
            ("s", >= 2 * Day) => new AxisUnit(Day, "d"),
            ("s", >= 2 * Hour) => new AxisUnit(Hour, "h"),
            ("s", >= 2 * Minute) => new AxisUnit(Minute, "min"),
            ("B", >= 1e6) => new AxisUnit(1e6, "MB"),
            ("B", >= 1e3) => new AxisUnit(1e3, "kB"),
            _ => new AxisUnit(1, Figures.Unit(unit)),
        };
    }

    /// <summary>The points in it.</summary>
    public HistoryPoint[] Convert(HistoryPoint[] points)
    {
        var divisor = Divisor;
        return divisor == 1 ? points : Array.ConvertAll(points, point => point with { Value = point.Value / divisor });
    }
}
