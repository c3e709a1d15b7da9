using IoTGateway.Commands;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>
/// Commands by topic: <c>&lt;prefix&gt;/&lt;device&gt;/commands/&lt;name&gt;</c>. They go the way of all others; what becomes no
/// command is counted and answered. A message is acknowledged when its command is on disk.
/// </summary>
internal sealed class MqttCommands : BackgroundService
{
    /// <summary>Arguments have at most 3,500 bytes; the rest is the id, the time to live and blanks.</summary>
    private const int MostBytes = 8 * 1024;

    private const string By = "mqtt";

    private readonly MqttConnection _connection;
    private readonly CommandDispatcher _dispatcher;
    private readonly MqttResults _results;
    private readonly TimeProvider _time;
    private readonly long[] _outcomes = new long[Enum.GetValues<MqttCommandOutcome>().Length];

    public MqttCommands(
        MqttConnection connection,
        CommandDispatcher dispatcher,
        MqttResults results,
        GatewayMetrics metrics,
        TimeProvider time
    )
    {
        (_connection, _dispatcher, _results, _time) = (connection, dispatcher, results, time);
        connection.Listen(connection.Topics.AllCommands, HandleAsync);
        metrics.CountBy(
            "iotgw_mqtt_commands_total",
            "Messages on command topics, by what became of them",
            "outcome",
            _outcomes,
            i => Words.Of((MqttCommandOutcome)i)
        );
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _connection.Ready.WaitAsync(stoppingToken);
        // A command that is retained is refused when it is published, not only when it comes out again as a ghost.
        await _connection.SubscribeAsync(_connection.Topics.AllCommands, retainAsPublished: true, stoppingToken);
    }

    private async ValueTask HandleAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        var (device, name) = _connection.Topics.ReadCommand(message.Topic);
        var payload =
            message.Payload.Length > MostBytes
                ? new CommandPayload(string.Empty, null, default, $"The payload has at most {MostBytes} bytes.")
                : CommandPayload.Read(message.Payload.Span);
        var (outcome, command, error) = await TakeAsync(message, device, name, payload, cancellationToken);
        // On disk or refused: the answer need not be waited for.
        message.Acknowledge();
        Interlocked.Increment(ref _outcomes[(int)outcome]);
        if (command is null)
            await _results.RefuseAsync(device, name, payload.Id, error, cancellationToken);
        // Its changes are told by themselves; whoever asks again may have missed them.
        else if (outcome == MqttCommandOutcome.Repeated)
            await _results.RepeatAsync(command, cancellationToken);
    }

    private async Task<(MqttCommandOutcome Outcome, DeviceCommand? Command, string Error)> TakeAsync(
        MqttMessage message,
        string device,
        string name,
        CommandPayload payload,
        CancellationToken cancellationToken
    )
    {
        if (message.IsRetained)
            return (
                MqttCommandOutcome.Retained,
                null,
                "A retained command is never run: publish it without the retain flag, and take the retained one away with an empty retained message."
            );
        if (message.Payload.Length > MostBytes)
            return (MqttCommandOutcome.TooLarge, null, payload.Error!); // set where it is too large
        if (payload.Error is { } error)
            return (MqttCommandOutcome.Malformed, null, error);
        if (name.Contains('/', StringComparison.Ordinal))
            return (MqttCommandOutcome.Malformed, null, "A command's name is one level of the topic.");
        var key = payload.Id;
        if (key is null && message.Qos == MqttQos.AtLeastOnce)
        {
            var now = _time.GetUtcNow();
            if (message.IsDuplicate && DeliveryMark.Find(message, _dispatcher.Of(device), now) is { } known)
                return (MqttCommandOutcome.Repeated, known, string.Empty);
            key = DeliveryMark.KeyOf(message, now);
        }
        var order = new CommandOrder(device, name, payload.Arguments, payload.TimeToLive, key, By);
        var submission = await _dispatcher.SubmitAsync(order, cancellationToken);
        return (MqttCommandOutcomes.Of(submission.Outcome), submission.Command, submission.Detail);
    }
}
