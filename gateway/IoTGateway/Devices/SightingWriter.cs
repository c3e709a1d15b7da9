using System.Data.Common;

namespace IoTGateway.Devices;

/// <summary>
/// Writes down what links have told of their devices, all of it in one transaction, once a second: a fleet that comes back
/// at once costs a few writes, and no link waits for one.
/// </summary>
internal sealed partial class SightingWriter(DeviceRegistry registry, TimeProvider time, ILogger<SightingWriter> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The links have ended by then; what they told last is written as well.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stop has no time left: what was seen last is forgotten, which is no reason to end with an error.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await WriteAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    /// <summary>What cannot be written now is written later, or told again by the devices.</summary>
    private async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await registry.WriteSightingsAsync(cancellationToken);
        }
        catch (DbException failure)
        {
            LogUnwritten(logger, failure.Message);
        }
    }

    [LoggerMessage(
        5110,
        LogLevel.Warning,
        "control.db: when devices were last seen cannot be written: {Reason}; it is tried again every second"
    )]
    private static partial void LogUnwritten(ILogger logger, string reason);
}
