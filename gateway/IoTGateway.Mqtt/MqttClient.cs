using IoTGateway.Mqtt.Session;

namespace IoTGateway.Mqtt;

/// <summary>
/// An MQTT client, 5.0 and 3.1.1. Make it, <see cref="RunAsync"/> it for as long as it shall live, and publish and
/// subscribe at any time: what needs a connection waits for one.
/// </summary>
public sealed partial class MqttClient : IDisposable
{
    private static readonly MqttStatus Fresh = new(MqttState.Disconnected, null, null, false, "not started");

    private readonly MqttOptions _options;
    private readonly TimeProvider _time;
    private readonly ClientSession _session;
    private readonly Func<MqttMessage, CancellationToken, ValueTask> _handler;
    private volatile MqttStatus _status = Fresh;

    /// <summary>Makes a client; nothing is connected yet.</summary>
    /// <param name="options">How.</param>
    /// <param name="time">For every wait.</param>
    /// <param name="handler">
    /// Gets each message, one at a time. Its return acknowledges, where it has not done so itself; what it throws leaves
    /// the message unacknowledged. Null where nothing is subscribed.
    /// </param>
    public MqttClient(
        MqttOptions options,
        TimeProvider time,
        Func<MqttMessage, CancellationToken, ValueTask>? handler = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Brokers.Count == 0)
            throw new ArgumentException("There is no broker to connect to.", nameof(options));
        _options = options;
        _time = time;
        _handler = handler ?? ((_, _) => ValueTask.CompletedTask);
        _session = new ClientSession(options, (filter, receipt) => SubscriptionAnswered?.Invoke(filter, receipt));
        _clientId = options.ClientId;
    }

    /// <summary>Raised at each change, on the loop that connects: do not keep it waiting.</summary>
    public event Action<MqttStatus>? StatusChanged;

    /// <summary>
    /// Raised with a filter at each answer of a broker to it, also where a subscription was asked for again after a
    /// reconnect; on the loop that receives: do not keep it waiting.
    /// </summary>
    public event Action<string, MqttReceipt>? SubscriptionAnswered;

    /// <summary>Where the client stands.</summary>
    public MqttStatus Status => _status;

    /// <summary>Publishes of QoS 1 not yet acknowledged.</summary>
    public int Unacknowledged => _session.Outbox.Count;

    /// <summary>Messages of QoS 0 that came faster than the handler takes them.</summary>
    public long DroppedMessages => _session.Inbox.Dropped;

    /// <summary>Messages that the handler threw at.</summary>
    public long FailedMessages => _session.Inbox.Failed;

    /// <summary>
    /// Publishes. QoS 1 is sent again, in order, over every reconnect until the broker acknowledges. Cancelling ends
    /// the waiting, not the message.
    /// </summary>
    /// <param name="topic">Without wildcards.</param>
    /// <param name="payload">Must stay as it is until the client has taken it over, which it has when the task ends.</param>
    /// <param name="qos">How hard.</param>
    /// <param name="retain">Whether the broker keeps it for later subscribers.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Ends with the PUBACK; in QoS 0 when it is sent.</returns>
    public async Task<MqttReceipt> PublishAsync(
        string topic,
        ReadOnlyMemory<byte> payload,
        MqttQos qos,
        bool retain,
        CancellationToken cancellationToken
    )
    {
        var receipt = await EnqueueAsync(topic, payload, qos, retain, cancellationToken);
        return await receipt.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// The first half of <see cref="PublishAsync"/>, for who has many in a row: takes the message over, in the order of
    /// the calls, waiting only while the client holds <see cref="MqttOptions.MostUnacknowledged"/>.
    /// </summary>
    /// <returns>The second half: ends with the PUBACK.</returns>
    public ValueTask<Task<MqttReceipt>> EnqueueAsync(
        string topic,
        ReadOnlyMemory<byte> payload,
        MqttQos qos,
        bool retain,
        CancellationToken cancellationToken
    )
    {
        MqttTopic.Check(topic);
        return _session.Outbox.AddAsync(topic, payload, qos, retain, cancellationToken);
    }

    /// <inheritdoc cref="SubscribeAsync(string, MqttQos, bool, CancellationToken)"/>
    public Task<MqttReceipt> SubscribeAsync(string filter, MqttQos qos, CancellationToken cancellationToken) =>
        SubscribeAsync(filter, qos, retainAsPublished: false, cancellationToken);

    /// <summary>Subscribes, for as long as the client lives: wherever a broker has forgotten it, it is asked again.</summary>
    /// <param name="filter">With wildcards, if you like.</param>
    /// <param name="qos">The highest that messages come with.</param>
    /// <param name="retainAsPublished">
    /// True: what is published with the retain flag comes with it, also to who is subscribed already. Only 5.0 can do that.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Ends with the broker's first answer; <see cref="SubscriptionAnswered"/> tells of every one.</returns>
    public Task<MqttReceipt> SubscribeAsync(
        string filter,
        MqttQos qos,
        bool retainAsPublished,
        CancellationToken cancellationToken
    )
    {
        MqttTopic.CheckFilter(filter);
        return _session.Subscriptions.Add(filter, qos, retainAsPublished).WaitAsync(cancellationToken);
    }

    /// <summary>Only after <see cref="RunAsync"/> has ended.</summary>
    public void Dispose() => _session.Dispose();
}
