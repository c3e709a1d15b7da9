namespace IoTGateway.Tests.Gateway;

/// <summary>The real clock, but what happens every minute or less often happens when a test says so.</summary>
internal sealed class SlowTimers : TimeProvider
{
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _slow = new();

    /// <summary>So much passes for what waits so long.</summary>
    public void Advance(TimeSpan by) => _slow.Advance(by);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        period >= Slow
            ? _slow.CreateTimer(callback, state, dueTime, period)
            : System.CreateTimer(callback, state, dueTime, period);
}
