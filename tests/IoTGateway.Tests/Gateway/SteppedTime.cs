namespace IoTGateway.Tests.Gateway;

/// <summary>The real clock, whose wall time a test can set; timers and elapsed time do not notice.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long _stepTicks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _stepTicks));

    public void Step(TimeSpan by) => Interlocked.Add(ref _stepTicks, by.Ticks);
}
