namespace EndToEnd.Tests.Dashboard;

/// <summary>A clock that begins some time ago, runs twenty times as fast until it is right, and then goes on as clocks do.</summary>
internal sealed class CatchingUpTime(TimeSpan ago) : TimeProvider
{
    private const int Speed = 20;

    private readonly long _begun = System.GetTimestamp();
    private readonly DateTimeOffset _start = System.GetUtcNow() - ago;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Passed.Ticks;

    public override DateTimeOffset GetUtcNow() => _start + Passed;

    /// <summary>Waits until it is right.</summary>
    public Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var left = (ago / (Speed - 1)) - Real;
        return Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, System, cancellationToken);
    }

    private TimeSpan Real => System.GetElapsedTime(_begun);

    private TimeSpan Passed
    {
        get
        {
            var real = Real;
            return real * Speed < real + ago ? real * Speed : real + ago;
        }
    }
}
