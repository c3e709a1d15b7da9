namespace IoTGateway.Sinks;

/// <summary>A sink's answer for a batch.</summary>
/// <param name="Accepted">True: the cursor moves. False: keep the batch, it comes again.</param>
/// <param name="Reason">Why it is kept, for a person: what, where, and what to do next.</param>
/// <param name="RetryAfter">No sooner than this, where the other side said so.</param>
internal readonly record struct SinkVerdict(bool Accepted, string? Reason, TimeSpan? RetryAfter)
{
    /// <summary>The batch is stored.</summary>
    public static SinkVerdict Accept { get; } = new(true, null, null);

    /// <summary>The database was out of reach: it may have gone down, and with it what it held in memory only.</summary>
    public bool MayHaveForgotten { get; init; }

    /// <summary>What was stored is gone: the sink reads again from its own <see cref="ISink.Position"/>.</summary>
    public bool StartsOver { get; init; }

    /// <summary>The batch must come again.</summary>
    public static SinkVerdict Keep(string reason, TimeSpan? retryAfter = null) => new(false, reason, retryAfter);

    /// <summary>The sink has lost what it had, and goes on from its own place.</summary>
    public static SinkVerdict StartOver(string reason) => new(false, reason, null) { StartsOver = true };
}
