using IoTGateway.Commands;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>
/// Every change of every command, whoever asked for it, on <c>&lt;prefix&gt;/&lt;device&gt;/results/&lt;commandId&gt;</c>. Over
/// an outage of the broker so many changes are kept as this and the feed hold; what is beyond them is in the API alone.
/// </summary>
internal sealed partial class MqttResults : BackgroundService
{
    /// <summary>Beside the rows that <see cref="MqttSink"/> has under way there is room for them in the client.</summary>
    private const int MostUnderWay = 256;

    private readonly MqttConnection _connection;
    private readonly CommandSubscription _changes;
    private readonly TimeProvider _time;
    private readonly ILogger<MqttResults> _logger;
    private readonly Queue<Task<MqttReceipt>> _underWay = new(MostUnderWay);
    private long _refused;

    public MqttResults(
        MqttConnection connection,
        CommandDispatcher dispatcher,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<MqttResults> logger
    )
    {
        (_connection, _time, _logger) = (connection, time, logger);
        _changes = dispatcher.Changes.Subscribe();
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var command in _changes.ReadAllAsync(stoppingToken))
        {
            while (_underWay.Count == MostUnderWay || (_underWay.TryPeek(out var oldest) && oldest.IsCompleted))
                Settle(await _underWay.Dequeue().WaitAsync(stoppingToken));
            var topic = _connection.Topics.ResultOf(command.Device, command.Id);
            _underWay.Enqueue(await EnqueueAsync(topic, ResultMessage.Of(command), stoppingToken));
        }
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

    private void Settle(MqttReceipt receipt)
    {
        if (receipt.Outcome is MqttOutcome.Acknowledged or MqttOutcome.NotConnected)
            return;
        if (Interlocked.Increment(ref _refused) == 1)
            LogRefused(receipt.Reason);
    }

    [LoggerMessage(
        2220,
        LogLevel.Warning,
        "mqtt: the broker refuses the result of a command ({Reason}); give the gateway's user the right to write below Mqtt:Prefix"
    )]
    private partial void LogRefused(string? reason);
}
