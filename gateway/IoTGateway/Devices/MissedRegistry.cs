namespace IoTGateway.Devices;

/// <summary>Says at the start that <c>control.db</c> has gone while telemetry stayed.</summary>
internal sealed partial class MissedRegistry(ControlDatabase database, ILogger<MissedRegistry> logger) : IHostedService
{
    private const string What =
        "control.db was not there, and journal or history were: a new one is begun, which knows no device, so that every "
        + "link is refused with 401. If it was moved or lost, stop the gateway and put it or its backup back; else add the devices again";

    /// <summary>For a person; null where all is well.</summary>
    public string? Told => database.IsMissed ? What : null;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Told is { } told)
            LogMissed(logger, told);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(5120, LogLevel.Error, "{What}")]
    private static partial void LogMissed(ILogger logger, string what);
}
