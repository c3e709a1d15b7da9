using Microsoft.Extensions.Options;

namespace IoTGateway.Sinks.History;

/// <summary>The section <c>History</c> of the configuration.</summary>
internal sealed class HistoryOptions
{
    /// <summary>Rows are kept for at least this long; a block goes when its last row is older.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>Checks the section at start.</summary>
internal sealed class HistoryOptionsValidator : IValidateOptions<HistoryOptions>
{
    public static readonly TimeSpan Shortest = TimeSpan.FromHours(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    public ValidateOptionsResult Validate(string? name, HistoryOptions options) =>
        options.Retention >= Shortest && options.Retention <= Longest
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"History:Retention is {options.Retention}; allowed are {Shortest} (one hour) to {Longest} (a hundred "
                    + "years), written as days.hours:minutes:seconds, such as 30.00:00:00."
            );
}
