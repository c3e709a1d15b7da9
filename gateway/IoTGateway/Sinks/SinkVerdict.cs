namespace IoTGateway.Sinks;

/// <summary>A sink's answer for a batch.</summary>
/// <param name="Accepted">True: the cursor moves. False: keep the batch, it comes again.</param>
/// <param name="Reason">Why it is kept, for a person: what, where, and what to do next.</param>
/// <param name="RetryAfter">No sooner than this, where the other side said so.</param>
internal readonly record struct SinkVerdict(bool Accepted, string? Reason, TimeSpan? RetryAfter)
{
    /// <summary>The batch is stored.</summary>
    public static SinkVerdict Accept { get; } = new(true, null, null);

    /// <summary>The batch must come again.</summary>
    public static SinkVerdict Keep(string reason, TimeSpan? retryAfter = null) => new(false, reason, retryAfter);
}
