namespace IoTGateway.Commands;

/// <summary><c>Commands:*</c>: how long commands that have ended are remembered, and their idempotency keys with them.</summary>
internal sealed class CommandOptions
{
    /// <summary>The newest of each device; what has not ended is kept beside them.</summary>
    public int KeepPerDevice { get; set; } = 256;

    /// <summary>And none older than this.</summary>
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            Setting.Range("Commands:KeepPerDevice", KeepPerDevice, 1, 100_000),
            Setting.That(
                Keep >= TimeSpan.FromHours(1) && Keep <= TimeSpan.FromDays(3650),
                $"Commands:Keep is {Keep}: allowed are 01:00:00 to 3650.00:00:00."
            )
        );
}
