namespace IoTGateway.Sinks.History;

/// <summary>The section <c>History</c> of the configuration.</summary>
internal sealed class HistoryOptions
{
    public static readonly TimeSpan Shortest = TimeSpan.FromHours(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    /// <summary>Rows are kept for at least this long; a block goes when its last row is older.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            Setting.That(
                Retention >= Shortest && Retention <= Longest,
                $"History:Retention is {Retention}: allowed is {Shortest} (one hour) to {Longest} (a hundred years), "
                    + "written as days.hours:minutes:seconds, such as 30.00:00:00."
            )
        );
}
