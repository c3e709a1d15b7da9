namespace IoTGateway.Links;

/// <summary>
/// When devices that are sent away shall come back: spread so widely that no more of them arrive in a second than half of
/// <c>Limits:HandshakesPerSecond</c>. A restart is then met by no wave, and sends nobody away a second time.
/// </summary>
internal sealed class ReturnSpread(LimitsOptions limits)
{
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);

    /// <summary>Even a few devices are spread over the time a restart takes.</summary>
    private static readonly TimeSpan Narrowest = TimeSpan.FromSeconds(9);

    /// <summary>A random moment of the spread.</summary>
    /// <param name="devices">How many come back.</param>
    public TimeSpan Next(int devices)
    {
        var needed = TimeSpan.FromSeconds(2.0 * devices / limits.HandshakesPerSecond);
        return Soonest + (Random.Shared.NextDouble() * (needed > Narrowest ? needed : Narrowest));
    }
}
