using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>What is to be known of a broker before any topic is used.</summary>
internal sealed partial class MqttConnection
{
    private static readonly TimeSpan LookTime = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource<MqttVersion> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _look = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a first broker has answered, and it is known what topics it takes: no topic is to be used before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>
    /// A broker of 3.1.1 may end the connection over a topic that it does not take, and so over each row that has it, for
    /// ever (NATS before 2.10), or hand it on under another (RabbitMQ). Over a subscription it only says so, and what
    /// comes back shows the rest.
    /// </summary>
    private async Task GetReadyAsync(CancellationToken stoppingToken)
    {
        if (await _first.Task.WaitAsync(stoppingToken) == MqttVersion.V311)
        {
            var plain = await Client.SubscribeAsync(Topics.Look, MqttQos.AtMostOnce, stoppingToken);
            var odd = await Client.SubscribeAsync(Topics.OddLook, MqttQos.AtMostOnce, stoppingToken);
            Topics.IsEscaping = plain.IsGood && (!odd.IsGood || await IsChangedAsync(stoppingToken));
            if (Topics.IsEscaping)
                LogEscaping();
        }
        _ready.TrySetResult();
    }

    /// <summary>Whether a message comes back under another topic. False also where it does not come at all.</summary>
    private async Task<bool> IsChangedAsync(CancellationToken stoppingToken)
    {
        await Client.PublishAsync(Topics.OddLook, default, MqttQos.AtMostOnce, retain: false, stoppingToken);
        try
        {
            return await _look.Task.WaitAsync(LookTime, _time, stoppingToken) != Topics.OddLook;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    [LoggerMessage(
        2203,
        LogLevel.Information,
        "mqtt: the broker does not take every character in topics as MQTT has it (NATS before 2.10, RabbitMQ): in names, dots, blanks, *, > and % are percent-encoded"
    )]
    private partial void LogEscaping();
}
