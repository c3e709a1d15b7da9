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
    SettingsDelivery settings,
    GatewayMetrics metrics,
    LimitsOptions limits,
    TimeProvider time,
    WallClock wallClock,
    ILogger<DeviceSession> logger
) : IDisposable
{
    private readonly Lock _lock = new();
    private TokenBucket _rate = new(Math.Max(1, limits.MessagesPerSecond), Math.Max(1, limits.MessagesPerSecond));

    public TelemetryJournal Journal => journal;

    public CatalogStore Catalogs => catalogs;

    public DeviceRegistry Registry => registry;

    public ReceiptRound Receipts { get; } = RoundOf(journal);

    /// <summary>What links have read while the journal had no room.</summary>
    public HeldBytes Held { get; } = new();

    public DeviceStatuses Statuses => statuses;

    public LinkTable Links => links;

    public CommandDispatcher Commands => commands;

    public SettingsDelivery Settings => settings;

    public GatewayMetrics Metrics => metrics;

    public LimitsOptions Limits => limits;

    public TimeProvider Time => time;

    public void Dispose() => Receipts.Dispose();

    private static ReceiptRound RoundOf(TelemetryJournal journal)
    {
        var round = new ReceiptRound();
        journal.Acknowledged += round.Send;
        return round;
    }

    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc cref="WallClock.SkewMs"/>
    public long SkewMs => wallClock.SkewMs;

    /// <summary>Waits while all devices together are over <c>Limits:MessagesPerSecond</c>.</summary>
    public ValueTask PaceAsync(CancellationToken cancellationToken) =>
        limits.MessagesPerSecond == 0 ? default : WaitForPaceAsync(cancellationToken);

    private async ValueTask WaitForPaceAsync(CancellationToken cancellationToken)
    {
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
