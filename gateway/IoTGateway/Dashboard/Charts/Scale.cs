using System.Globalization;
using IoTGateway.Sinks.History;

namespace IoTGateway.Dashboard.Charts;

/// <summary>The axis of values: round numbers, three to six of them.</summary>
/// <param name="Low">The lowest mark.</param>
/// <param name="High">The highest mark.</param>
/// <param name="Ticks">The marks.</param>
/// <param name="Digits">Decimals that tell one mark from the next.</param>
/// <param name="IsSwitch">Of something that is on or off.</param>
internal sealed record Scale(double Low, double High, IReadOnlyList<double> Ticks, int Digits, bool IsSwitch = false)
{
    private const double Thousands = 100_000;

    private const int Wanted = 4;

    public static Scale Of(HistoryPoint[] points, bool isSwitch)
    {
        if (isSwitch)
            return new Scale(-0.1, 1.1, [0, 1], 0, IsSwitch: true);
        var (low, high) = (double.MaxValue, double.MinValue);
        foreach (var point in points)
            (low, high) = (Math.Min(low, point.Value), Math.Max(high, point.Value));
        if (points.Length == 0)
            (low, high) = (0, 1);
        // A flat line is flat, and not the noise of its last digit.
        var most = Math.Max(Math.Abs(low), Math.Abs(high));
        var least = most == 0 ? 2 : Math.Max(most * 0.002, 1e-6);
        if (high - low < least)
            (low, high) = (((low + high) / 2) - (least / 2), ((low + high) / 2) + (least / 2));
        // What is never negative is not drawn as if it could be.
        if (low < 0 && points.All(point => point.Value >= 0))
            (low, high) = (0, high - low);
        var step = Round((high - low) / Wanted);
        (low, high) = (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step);
        var ticks = new List<double>();
        for (var i = 0; low + (i * step) <= high + (step / 2); i++)
            ticks.Add(low + (i * step));
        return new Scale(low, high, ticks, Math.Clamp((int)-Math.Floor(Math.Log10(step)), 0, 6));
    }

    public string Text(double value)
    {
        if (IsSwitch)
            return value == 0 ? "no" : "yes";
        var isLarge = Math.Max(Math.Abs(Low), Math.Abs(High)) >= Thousands;
        // The step is the smallest thing worth telling: in thousands it has three decimals more.
        var step = Ticks.Count > 1 ? (Ticks[1] - Ticks[0]) / (isLarge ? 1_000 : 1) : 1;
        var digits = Math.Clamp((int)-Math.Floor(Math.Log10(step)), 0, 6);
        var text = (isLarge ? value / 1_000 : value).ToString(
            digits == 0 ? "#,0" : $"#,0.{new string('0', digits)}",
            CultureInfo.InvariantCulture
        );
        return isLarge ? $"{text}k" : text;
    }

    /// <summary>1, 2 or 5 times a power of ten.</summary>
    private static double Round(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return (step / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }
}
