using System.Globalization;
using System.Text;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Sinks.History;

namespace IoTGateway.Dashboard.Charts;

/// <summary>A mark on an axis.</summary>
/// <param name="At">Where, in the chart's box.</param>
/// <param name="Text">Beside it.</param>
/// <param name="Title">On hover; null for nothing more.</param>
public readonly record struct Tick(double At, string Text, string? Title = null);

/// <summary>A time without rows that a device has told of.</summary>
public readonly record struct GapMark(double From, double To, string Text);

/// <summary>A chart, ready to draw in a box of <see cref="Width"/> × <see cref="Height"/>.</summary>
public sealed record ChartShape
{
    public const double Width = 480;
    public const double Height = 168;
    public const double Left = 46;
    public const double Right = Width - 6;
    public const double Top = 10;
    public const double Bottom = Height - 22;

    /// <summary>The readings as an SVG path, broken where there are none.</summary>
    public required string Line { get; init; }

    public required IReadOnlyList<Tick> ValueTicks { get; init; }

    public required IReadOnlyList<Tick> TimeTicks { get; init; }

    public required IReadOnlyList<GapMark> Gaps { get; init; }

    public required long FromMs { get; init; }

    public required long ToMs { get; init; }

    public required double Low { get; init; }

    public required double High { get; init; }

    /// <summary>Decimals worth reading.</summary>
    public required int Digits { get; init; }

    /// <summary>It is on or off, and nothing between.</summary>
    public required bool IsSwitch { get; init; }

    /// <summary>The chart in a sentence, for whoever does not see it.</summary>
    public required string Words { get; init; }

    /// <summary>The newest reading in range, as it was measured; null for none.</summary>
    public required (long UnixMs, double Value)? Last { get; init; }

    /// <summary>Of the axis, and of all numbers here but <see cref="Last"/>.</summary>
    public required string Unit { get; init; }

    internal static ChartShape Of(
        HistoryPoint[] measured,
        string measuredUnit,
        IReadOnlyList<HistoryGap> gaps,
        long fromMs,
        long toMs,
        TimeZoneInfo zone,
        bool isSwitch
    )
    {
        var unit = AxisUnit.Of(measured, measuredUnit);
        var points = unit.Convert(measured);
        var scale = Scale.Of(points, isSwitch);
        double X(long ms) => Left + ((ms - fromMs) / (double)(toMs - fromMs) * (Right - Left));
        double Y(double value) => Bottom - ((value - scale.Low) / (scale.High - scale.Low) * (Bottom - Top));
        return new ChartShape
        {
            Line = Path(points, fromMs, toMs, scale.IsSwitch, X, Y),
            ValueTicks = [.. scale.Ticks.Select(value => new Tick(Y(value), scale.Text(value)))],
            TimeTicks =
            [
                .. TimeAxis
                    .Ticks(fromMs, toMs, zone)
                    .Select(tick => new Tick(X(tick.UnixMs), tick.Text, TimeAxis.Utc(tick.UnixMs))),
            ],
            Gaps =
            [
                .. gaps.Select(gap => new GapMark(
                    Math.Clamp(X(gap.FromUnixMs), Left, Right),
                    Math.Clamp(Math.Max(X(gap.ToUnixMs), X(gap.FromUnixMs) + 2), Left, Right),
                    $"{Figures.Count(gap.RowsDropped)} rows that the device had to drop"
                )),
            ],
            FromMs = fromMs,
            ToMs = toMs,
            Low = scale.Low,
            High = scale.High,
            Digits = scale.Digits,
            IsSwitch = scale.IsSwitch,
            Unit = unit.Text,
            Words = InWords(points, scale, unit.Text),
            Last = measured.Length > 0 ? (measured[^1].UnixMs, measured[^1].Value) : null,
        };
    }

    private static string Path(
        HistoryPoint[] points,
        long fromMs,
        long toMs,
        bool isSwitch,
        Func<long, double> x,
        Func<double, double> y
    )
    {
        var longest = LongestStep(points, fromMs, toMs);
        var path = new StringBuilder(points.Length * 12);
        for (var i = 0; i < points.Length; i++)
        {
            // The line comes in from the left, and starts at the edge.
            var isNew = i == 0 || points[i].UnixMs - points[i - 1].UnixMs > longest;
            if (
                points[i].UnixMs < fromMs
                && (i + 1 >= points.Length || points[i + 1].UnixMs - points[i].UnixMs > longest)
            )
                continue;
            // What is on stays on until it is off: there is nothing in between.
            if (isSwitch && !isNew && path.Length > 0)
                path.Append('L').Append(N(x(points[i].UnixMs))).Append(' ').Append(N(y(points[i - 1].Value)));
            path.Append(isNew || path.Length == 0 ? 'M' : 'L');
            path.Append(N(Math.Max(Left, x(points[i].UnixMs)))).Append(' ').Append(N(y(points[i].Value)));
            var isAlone = isNew && (i + 1 == points.Length || points[i + 1].UnixMs - points[i].UnixMs > longest);
            if (isAlone)
                path.Append("h0.1");
        }
        return path.ToString();
    }

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Beyond it there is a gap: some times what lies between two readings as a rule.</summary>
    private static long LongestStep(HistoryPoint[] points, long fromMs, long toMs)
    {
        if (points.Length < 3)
            return toMs - fromMs;
        var steps = new long[points.Length - 1];
        for (var i = 0; i < steps.Length; i++)
            steps[i] = points[i + 1].UnixMs - points[i].UnixMs;
        Array.Sort(steps);
        var usual = steps[steps.Length / 2];
        // Thinned out, a step of the chart has its lowest and its highest anywhere within.
        var pixel = points.Length >= Series.Points ? 4 * (toMs - fromMs) / Series.Points : 0;
        return Math.Max(5 * usual, Math.Max(pixel, 3_000));
    }

    private static string InWords(HistoryPoint[] points, Scale scale, string unit) =>
        points.Length == 0
            ? "no readings in this range"
            : $"last {scale.Text(points[^1].Value)}, lowest {scale.Text(points.Min(point => point.Value))}, highest {scale.Text(points.Max(point => point.Value))} {unit}".TrimEnd();
}
