using IoTGateway.Dashboard.Fleet;

namespace IoTGateway.Tests.Dashboard;

/// <summary>The small trend in a row of the fleet.</summary>
public sealed class TrendTests
{
    private const long Start = 1_800_000_000_000;

    [Fact]
    public void Fewer_than_two_values_are_no_line()
    {
        var trend = new Trend();
        Assert.Empty(trend.Path());
        trend.Add(Start, 20);
        trend.Add(Start + 1, 21);
        Assert.Empty(trend.Path());
        trend.Add(Start + Trend.StepMs, 21);
        Assert.NotEmpty(trend.Path());
    }

    [Fact]
    public void A_hole_breaks_the_line_and_a_slow_device_has_none()
    {
        var held = Of(Enumerable.Range(0, 48));
        Assert.Equal(1, held.Path().Count(c => c == 'M'));
        var hole = Of(Enumerable.Range(0, 48).Where(step => step is < 10 or > 30));
        Assert.Equal(2, hole.Path().Count(c => c == 'M'));
        Assert.DoesNotContain("L31 ", hole.Path(), StringComparison.Ordinal);
        var slow = Of(Enumerable.Range(0, 48).Where(step => step % 6 == 0));
        Assert.Equal((1, 7), (slow.Path().Count(c => c == 'M'), slow.Path().Count(c => c == 'L')));
    }

    [Fact]
    public void A_flat_line_is_in_the_middle_and_noise_of_its_last_digit_no_mountain()
    {
        var flat = new Trend();
        var noisy = new Trend();
        for (var step = 0; step < Trend.Steps; step++)
        {
            flat.Add(Start + (step * Trend.StepMs), 1_013);
            noisy.Add(Start + (step * Trend.StepMs), 1_013 + (step % 2 * 0.1));
        }
        Assert.All(Heights(flat), y => Assert.Equal(8, y));
        Assert.All(Heights(noisy), y => Assert.InRange(y, 7, 9));
        Assert.All(Heights(Of(Enumerable.Range(0, 48))), y => Assert.InRange(y, 0, 16));
    }

    [Fact]
    public void What_is_older_than_eight_minutes_goes_and_a_late_value_finds_its_place()
    {
        var trend = new Trend();
        trend.Add(Start, 99);
        trend.Add(Start + (47 * Trend.StepMs), 20);
        Assert.Contains("M0 ", trend.Path(), StringComparison.Ordinal);
        trend.Add(Start + (48 * Trend.StepMs), 20);
        Assert.StartsWith("M46 ", trend.Path(), StringComparison.Ordinal);
        trend.Add(Start, 99);
        Assert.StartsWith("M46 ", trend.Path(), StringComparison.Ordinal);
        trend.Add(Start + (20 * Trend.StepMs), 20);
        Assert.StartsWith("M19 ", trend.Path(), StringComparison.Ordinal);
        // After a long silence nothing of before is left.
        trend.Add(Start + (1_000 * Trend.StepMs), 20);
        Assert.Empty(trend.Path());
    }

    [Fact]
    public void What_came_live_goes_on_top_of_what_is_read_from_the_history()
    {
        var live = new Trend();
        live.Add(Start + (40 * Trend.StepMs), 30);
        var seeded = Of(Enumerable.Range(0, 48).Where(step => step <= 40));
        live.CopyTo(seeded);
        Assert.Equal(41, Heights(seeded).Length);
        Assert.Equal(Heights(seeded).Min(), Heights(seeded)[^1]);
    }

    /// <summary>A value that changes at each of these steps.</summary>
    private static Trend Of(IEnumerable<int> steps)
    {
        var trend = new Trend();
        foreach (var step in steps)
            trend.Add(Start + (step * Trend.StepMs), 20 + (step % 5));
        return trend;
    }

    private static double[] Heights(Trend trend) =>
        [
            .. trend
                .Path()
                .Split(['M', 'L'], StringSplitOptions.RemoveEmptyEntries)
                .Select(point => double.Parse(point.Split(' ')[1])),
        ];
}
