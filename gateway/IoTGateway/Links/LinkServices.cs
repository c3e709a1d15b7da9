using IoTGateway.Commands;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Security;

namespace IoTGateway.Links;

/// <summary>What a link needs of the house, in one place: there are as many links as devices.</summary>
internal sealed partial class LinkServices(
    TelemetryJournal journal,
    CatalogStore catalogs,
    DeviceRegistry registry,
    DeviceStatuses statuses,
    LinkTable links,
    CommandDispatcher commands,
    GatewayMetrics metrics,
    LimitsOptions limits,
    TimeProvider time,
    ILogger<DeviceSession> logger
)
{
    private readonly Lock _lock = new();
    private TokenBucket _rate = new(Math.Max(1, limits.MessagesPerSecond), Math.Max(1, limits.MessagesPerSecond));

    public TelemetryJournal Journal => journal;

    public CatalogStore Catalogs => catalogs;

    public DeviceRegistry Registry => registry;

    public DeviceStatuses Statuses => statuses;

    public LinkTable Links => links;

    public CommandDispatcher Commands => commands;

    public GatewayMetrics Metrics => metrics;

    public LimitsOptions Limits => limits;

    public TimeProvider Time => time;

    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Waits while all devices together are over <c>Limits:MessagesPerSecond</c>.</summary>
    public async ValueTask PaceAsync(CancellationToken cancellationToken)
    {
        if (limits.MessagesPerSecond == 0)
            return;
        while (true)
        {
            TimeSpan wait;
            lock (_lock)
            {
                if (_rate.TryTake(time, out wait))
                    return;
            }
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    [LoggerMessage(3100, LogLevel.Information, "{Device}: link ended: {End}")]
    public partial void LogEnded(string device, LinkEnd end);

    [LoggerMessage(
        3101,
        LogLevel.Error,
        "{Device}: link failed; the device keeps what is not acknowledged and connects again"
    )]
    public partial void LogFailed(Exception exception, string device);

    [LoggerMessage(3102, LogLevel.Information, "{Device}: link open, epoch {Epoch}, firmware {Firmware} on {Board}")]
    public partial void LogOpened(string device, uint epoch, string firmware, string board);

    [LoggerMessage(3103, LogLevel.Warning, "{Device}: {Type} cannot be read: {Error}")]
    public partial void LogMalformed(string device, Protocol.MessageType type, Protocol.DecodeError error);
}
