namespace IoTGateway.Links;

/// <summary>
/// Pings the links that say nothing, and ends those that do not even answer. One timer looks at all of them: ten thousand quiet
/// links have no ten thousand timers.
/// </summary>
internal sealed class LinkPulse(LinkTable links, LimitsOptions limits, TimeProvider time) : BackgroundService
{
    /// <summary>
    /// In ping periods, from a link's last frame on. A look is late by a part of <see cref="LooksInPeriod"/>, and so is the
    /// frame's own: a ping leaves within a period, and a silent link ends within two.
    /// </summary>
    public const double PingAfter = 0.75;

    /// <inheritdoc cref="PingAfter"/>
    public const double SilentAfter = 1.7;

    private const int LooksInPeriod = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)limits.PingSeconds / LooksInPeriod), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                links.Beat(time.GetTimestamp());
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops: links are asked to leave.
        }
    }
}
