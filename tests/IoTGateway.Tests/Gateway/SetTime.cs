namespace IoTGateway.Tests.Gateway;

/// <summary>A clock that stands where it is put.</summary>
internal sealed class SetTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
