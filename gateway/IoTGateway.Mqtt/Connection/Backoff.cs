namespace IoTGateway.Mqtt.Connection;

/// <summary>Waits between attempts: full jitter, so that a thousand clients do not come back at once.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int _failures;

    public void Reset() => _failures = 0;

    /// <summary>The next wait: anything from zero to a bound that doubles.</summary>
    /// <param name="random">0 to 1.</param>
    public TimeSpan Next(double random)
    {
        var doubled = first * Math.Pow(2, Math.Min(_failures++, 30));
        return (doubled < longest ? doubled : longest) * random;
    }
}
