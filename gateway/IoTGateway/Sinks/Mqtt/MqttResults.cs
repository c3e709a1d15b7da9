using System.Data.Common;
using System.Threading.Channels;
using IoTGateway.Commands;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>
/// Every change of every command, whoever asked for it, on <c>&lt;prefix&gt;/&lt;device&gt;/results/&lt;commandId&gt;</c>. Over
/// an outage of the broker so many changes are kept as this and the feed hold. An outcome is more than a change: it is
/// marked on disk until the broker has it, so one that came in an outage, or before the gateway died, is told afterwards.
/// </summary>
internal sealed partial class MqttResults : BackgroundService
{
    /// <summary>Beside the rows that <see cref="MqttSink"/> has under way there is room for them in the client.</summary>
    private const int MostUnderWay = 256;

    private readonly MqttConnection _connection;
    private readonly CommandDispatcher _dispatcher;
    private readonly CommandSubscription _changes;
    private readonly TimeProvider _time;
    private readonly ILogger<MqttResults> _logger;
    private readonly Channel<UnderWay> _underWay = Channel.CreateBounded<UnderWay>(
        new BoundedChannelOptions(MostUnderWay) { SingleReader = true, SingleWriter = true }
    );
    private long _refused;

    public MqttResults(
        MqttConnection connection,
        CommandDispatcher dispatcher,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<MqttResults> logger
    )
    {
        (_connection, _dispatcher, _time, _logger) = (connection, dispatcher, time, logger);
        _changes = dispatcher.SubscribeToOutcomes();
        metrics.Count(
            "iotgw_mqtt_results_missed_total",
            "Changes of commands that were not published: the broker was away for too long",
            () => _changes.Missed
        );
        metrics.Count(
            "iotgw_mqtt_results_refused_total",
            "Changes and refusals of commands that the broker refused",
            () => Interlocked.Read(ref _refused)
        );
    }

    /// <summary>Answers what became no command. Ends when the broker has the answer.</summary>
    public Task RefuseAsync(
        string device,
        string name,
        string? id,
        string error,
        CancellationToken cancellationToken
    ) =>
        PublishAsync(
            _connection.Topics.RefusalOf(device, id),
            ResultMessage.Refusal(name, id, error, _time.GetUtcNow()),
            cancellationToken
        );

    /// <summary>Tells again how a command stands. Ends when the broker has it.</summary>
    public Task RepeatAsync(DeviceCommand command, CancellationToken cancellationToken) =>
        PublishAsync(
            _connection.Topics.ResultOf(command.Device, command.Id),
            ResultMessage.Of(command),
            cancellationToken
        );

    public override void Dispose()
    {
        _changes.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(TellAsync(stoppingToken), SettleAsync(stoppingToken));

    private async Task TellAsync(CancellationToken stoppingToken)
    {
        await _connection.Ready.WaitAsync(stoppingToken);
        await TellUntoldAsync(stoppingToken);
        var missed = _changes.Missed;
        await foreach (var command in _changes.ReadAllAsync(stoppingToken))
        {
            // Older than this one, and not in the feed any more.
            if (_changes.Missed is var now && now != missed)
            {
                missed = now;
                await TellUntoldAsync(stoppingToken);
            }
            await _underWay.Writer.WriteAsync(await EnqueueAsync(command, stoppingToken), stoppingToken);
        }
    }

    /// <summary>Outcomes that no broker has, oldest first, some at a time.</summary>
    private async Task TellUntoldAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (_dispatcher.Untold(MostUnderWay) is { Count: > 0 } untold)
            {
                var all = new List<UnderWay>();
                foreach (var command in untold)
                    all.Add(await EnqueueAsync(command, stoppingToken));
                foreach (var one in all)
                {
                    if (!Settle(await one.Receipt.WaitAsync(stoppingToken)))
                        return;
                }
                await _dispatcher.MarkToldAsync([.. untold.Select(command => command.Id)], stoppingToken);
            }
        }
        catch (DbException e)
        {
            LogDatabase(e);
        }
    }

    private async Task SettleAsync(CancellationToken stoppingToken)
    {
        var told = new List<Guid>();
        await foreach (var (command, receipt) in _underWay.Reader.ReadAllAsync(stoppingToken))
        {
            if (Settle(await receipt.WaitAsync(stoppingToken)) && command.HasEnded)
                told.Add(command.Id);
            var isNextAtHand = _underWay.Reader.TryPeek(out var next) && next.Receipt.IsCompleted;
            if (told.Count == 0 || (isNextAtHand && told.Count < MostUnderWay))
                continue;
            try
            {
                await _dispatcher.MarkToldAsync(told, stoppingToken);
            }
            catch (DbException e)
            {
                // They are told again at the next start.
                LogDatabase(e);
            }
            told.Clear();
        }
    }

    private async Task<UnderWay> EnqueueAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        var topic = _connection.Topics.ResultOf(command.Device, command.Id);
        return new UnderWay(command, await EnqueueAsync(topic, ResultMessage.Of(command), cancellationToken));
    }

    private async Task PublishAsync(string topic, ResultMessage message, CancellationToken cancellationToken)
    {
        var receipt = await EnqueueAsync(topic, message, cancellationToken);
        Settle(await receipt.WaitAsync(cancellationToken));
    }

    private ValueTask<Task<MqttReceipt>> EnqueueAsync(
        string topic,
        ResultMessage message,
        CancellationToken cancellationToken
    ) =>
        _connection.Client.EnqueueAsync(
            topic,
            message.ToBytes(),
            MqttQos.AtLeastOnce,
            retain: false,
            cancellationToken
        );

    /// <returns>False where the broker was not asked: this client has ended.</returns>
    private bool Settle(MqttReceipt receipt)
    {
        var isRefused = receipt.Outcome is not (MqttOutcome.Acknowledged or MqttOutcome.NotConnected);
        if (isRefused && Interlocked.Increment(ref _refused) == 1)
            LogRefused(receipt.Reason);
        return receipt.Outcome != MqttOutcome.NotConnected;
    }

    [LoggerMessage(
        2220,
        LogLevel.Warning,
        "mqtt: the broker refuses the result of a command ({Reason}); give the gateway's user the right to write below Mqtt:Prefix"
    )]
    private partial void LogRefused(string? reason);

    [LoggerMessage(
        2221,
        LogLevel.Error,
        "mqtt: which outcomes of commands the broker has cannot be read or kept; some may be told again after the next start"
    )]
    private partial void LogDatabase(Exception failure);

    private readonly record struct UnderWay(DeviceCommand Command, Task<MqttReceipt> Receipt);
}
