using System.Text.Json;
using System.Threading.Channels;
using IoTGateway.Mqtt;
using IoTGateway.Sinks.Mqtt;

namespace IoTGateway.Alarms;

/// <summary>
/// Publishes each event on <c>&lt;prefix&gt;/&lt;device&gt;/alarms/&lt;rule&gt;</c>, retained where it is not late, so that whoever comes
/// later sees what holds. Without a broker it does nothing; while the broker is away the newest events wait.
/// </summary>
internal sealed class AlarmTopics : BackgroundService
{
    private const int MostWaiting = 1_024;

    private readonly MqttConnection? _connection;
    private readonly Channel<AlarmEvent> _waiting = Channel.CreateBounded<AlarmEvent>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );
    private long _published;

    public AlarmTopics(AlarmWatch watch, GatewayMetrics metrics, MqttConnection? connection = null)
    {
        _connection = connection;
        if (connection is null)
            return;
        watch.Happened += (_, happened) => _waiting.Writer.TryWrite(happened);
        metrics.Count("iotgw_alarm_topics_total", "Events of alarms that the broker has taken", () => _published);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_connection is null)
            return;
        try
        {
            await _connection.Ready.WaitAsync(stoppingToken);
            await foreach (var happened in _waiting.Reader.ReadAllAsync(stoppingToken))
                await PublishAsync(_connection, happened, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops; the dashboard and the API still have the event.
        }
    }

    private async Task PublishAsync(MqttConnection connection, AlarmEvent happened, CancellationToken stoppingToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(AlarmMessage.Of(happened), JsonSerializerOptions.Web);
        var topic = connection.Topics.AlarmOf(happened.Device, happened.RuleId);
        // While the broker is away the client holds it, and this waits.
        var receipt = await connection.Client.PublishAsync(
            topic,
            body,
            MqttQos.AtLeastOnce,
            // Retained is what holds: a late event tells what was.
            retain: !happened.Late,
            stoppingToken
        );
        if (receipt.Outcome == MqttOutcome.Acknowledged)
            Interlocked.Increment(ref _published);
    }
}
