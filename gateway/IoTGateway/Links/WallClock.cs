namespace IoTGateway.Links;

/// <summary>Tells steps of the wall clock: how far it has moved beside the time that really passed.</summary>
internal sealed partial class WallClock(TimeProvider time, GatewayMetrics metrics, ILogger<WallClock> logger)
    : BackgroundService
{
    /// <summary>NTP pulls a clock along more gently than this.</summary>
    public const long SmallestStepMs = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly long _start = time.GetTimestamp();

    /// <summary>The wall clock less the time that has passed; it changes where the clock is set.</summary>
    public long SkewMs =>
        time.GetUtcNow().ToUnixTimeMilliseconds() - (long)time.GetElapsedTime(_start).TotalMilliseconds;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var before = SkewMs;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var step = SkewMs - before;
                before += step;
                if (Math.Abs(step) <= SmallestStepMs)
                    continue;
                LogStepped(logger, TimeSpan.FromMilliseconds(step), time.GetUtcNow());
                metrics.ClockStepped();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    [LoggerMessage(
        3010,
        LogLevel.Warning,
        "This machine's clock was set by {Step} to {Now:u}. Rows of devices without a clock of their own follow it from now on; "
            + "what stands in the journal keeps its device's time and the offset it was given"
    )]
    private static partial void LogStepped(ILogger logger, TimeSpan step, DateTimeOffset now);
}
