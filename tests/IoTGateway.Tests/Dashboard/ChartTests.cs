using IoTGateway.Dashboard.Charts;
using IoTGateway.Sinks.History;

namespace IoTGateway.Tests.Dashboard;

public sealed class ChartTests
{
    private const long Minute = 60_000;

    [Fact]
    public void A_time_without_readings_is_a_gap_in_the_line()
    {
        HistoryPoint[] points = [.. Rows(0, 60), .. Rows(3 * Minute, 60)];
        var shape = Shape(points);
        Assert.Equal(2, shape.Line.Count(c => c == 'M'));
        Assert.Equal(1, Shape([.. Rows(0, 240)]).Line.Count(c => c == 'M'));
    }

    [Fact]
    public void Rows_that_a_device_had_to_drop_are_marked()
    {
        var shape = ChartShape.Of(
            [],
            "Cel",
            [new HistoryGap(1, Minute, 2 * Minute, 30)],
            0,
            5 * Minute,
            TimeZoneInfo.Utc,
            false
        );
        var gap = Assert.Single(shape.Gaps);
        Assert.True(gap.To > gap.From && gap.From > ChartShape.Left);
        Assert.Contains("30 rows", gap.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_stays_within_its_box_and_marks_are_round()
    {
        var shape = Shape([.. Rows(-Minute, 360)]);
        Assert.All(shape.ValueTicks, tick => Assert.InRange(tick.At, ChartShape.Top - 0.01, ChartShape.Bottom + 0.01));
        Assert.Contains("21.0", shape.ValueTicks.Select(tick => tick.Text));
        Assert.All(shape.TimeTicks, tick => Assert.InRange(tick.At, ChartShape.Left, ChartShape.Right));
    }

    [Fact]
    public void A_switch_is_drawn_in_steps_and_says_yes_and_no()
    {
        var shape = ChartShape.Of(
            [new(0, 0), new(Minute, 1), new(2 * Minute, 1)],
            "",
            [],
            0,
            5 * Minute,
            TimeZoneInfo.Utc,
            true
        );
        Assert.Equal(["no", "yes"], shape.ValueTicks.Select(tick => tick.Text));
        Assert.Equal(4, shape.Line.Count(c => c == 'L'));
    }

    [Theory]
    [InlineData("s", 90, "90", "s")]
    [InlineData("s", 1_140, "19", "min")]
    [InlineData("s", 180_000, "2.08", "d")]
    [InlineData("B", 113_400, "113.4", "kB")]
    [InlineData("Cel", 21.5, "21.5", "°C")]
    public void An_axis_has_the_unit_of_the_figure_above_it(string unit, double value, string first, string shown)
    {
        var shape = Shape([.. Enumerable.Range(0, 60).Select(i => new HistoryPoint(i * 1_000, value))], unit);
        Assert.Equal(shown, shape.Unit);
        Assert.Equal(value, shape.Last?.Value);
        Assert.StartsWith($"last {first}", shape.Words, StringComparison.Ordinal);
        Assert.EndsWith($" {shown}", shape.Words, StringComparison.Ordinal);
        Assert.Contains(shape.ValueTicks, tick => tick.Text.StartsWith(first, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_never_negative_has_no_axis_below_zero()
    {
        var shape = Shape([.. Enumerable.Range(0, 60).Select(i => new HistoryPoint(i * 1_000, 0))], "");
        Assert.Equal(0, shape.Low);
        Assert.Equal("0.0", shape.ValueTicks[0].Text);
    }

    [Fact]
    public void Times_are_round_in_the_viewers_zone()
    {
        var kolkata = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata");
        var from = new DateTimeOffset(2026, 5, 1, 6, 7, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var ticks = TimeAxis.Ticks(from, from + (24 * 60 * Minute), kolkata).Select(tick => tick.Text).ToArray();
        Assert.Contains("2 May", ticks);
        Assert.Contains("18:00", ticks);
    }

    [Fact]
    public void A_time_on_the_axis_says_what_it_is_in_UTC()
    {
        var kolkata = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata");
        var from = new DateTimeOffset(2026, 5, 1, 6, 7, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var shape = ChartShape.Of([], "Cel", [], from, from + (60 * Minute), kolkata, false);
        var tick = shape.TimeTicks.Single(tick => tick.Text == "12:00");
        Assert.Equal("2026-05-01 06:30:00 UTC", tick.Title);
        Assert.All(shape.ValueTicks, value => Assert.Null(value.Title));
    }

    [Fact]
    public void A_series_stays_small_whatever_comes_and_keeps_its_peaks()
    {
        var series = new Series("climate", "temperature", "Cel", false, TimeSpan.FromHours(1));
        for (var second = 0; second < 3_600; second++)
            series.Add(new HistoryPoint(second * 1_000, second == 1_800 ? 99 : 20));
        var points = series.Read(0, 3_600_000);
        Assert.InRange(points.Length, 100, 2 * Series.Points);
        Assert.Contains(points, point => point.Value == 99);
        series.Add(new HistoryPoint(500, 21));
        Assert.True(
            series
                .Read(0, 3_600_000)
                .Zip(series.Read(0, 3_600_000).Skip(1))
                .All(pair => pair.First.UnixMs < pair.Second.UnixMs)
        );
    }

    private static IEnumerable<HistoryPoint> Rows(long from, int count) =>
        Enumerable.Range(0, count).Select(i => new HistoryPoint(from + (i * 1_000), 20 + (i % 20 * 0.1)));

    private static ChartShape Shape(HistoryPoint[] points, string unit = "Cel") =>
        ChartShape.Of(points, unit, [], 0, 5 * Minute, TimeZoneInfo.Utc, false);
}
