using IoTGateway.Dashboard.Shell;

namespace IoTGateway.Dashboard.Charts;

/// <summary>How far back charts look: five minutes to all that the history keeps.</summary>
/// <param name="Key">In addresses.</param>
/// <param name="Text">For people.</param>
/// <param name="Length">How long.</param>
public sealed record ChartRange(string Key, string Text, TimeSpan Length)
{
    private static readonly ChartRange[] Fixed =
    [
        new("5m", "5 min", TimeSpan.FromMinutes(5)),
        new("1h", "1 h", TimeSpan.FromHours(1)),
        new("6h", "6 h", TimeSpan.FromHours(6)),
        new("1d", "1 d", TimeSpan.FromDays(1)),
        new("7d", "7 d", TimeSpan.FromDays(7)),
    ];

    /// <summary>Those that make sense for a history that keeps this much, the whole of it last.</summary>
    public static IReadOnlyList<ChartRange> All(TimeSpan retention) =>
        [
            .. Fixed.Where(range => range.Length < retention),
            new(
                "all",
                retention.TotalDays >= 2 ? $"{(int)retention.TotalDays} d" : Figures.Duration(retention),
                retention
            ),
        ];

    /// <summary>By its key; five minutes for what nobody knows.</summary>
    public static ChartRange Of(string? key, TimeSpan retention)
    {
        var all = All(retention);
        return all.FirstOrDefault(range => range.Key == key, all[0]);
    }
}
