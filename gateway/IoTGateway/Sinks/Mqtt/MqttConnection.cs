using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>
/// The gateway's one connection to its broker, which telemetry, presence and whoever else comes share. Its will says
/// that the gateway is gone.
/// </summary>
internal sealed partial class MqttConnection : BackgroundService
{
    /// <summary>How long a broker keeps messages while this gateway is away; as long as a command lives where nobody says more.</summary>
    public static readonly TimeSpan CommandAge = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly ILogger<MqttConnection> _logger;
    private readonly ConcurrentDictionary<string, Func<MqttMessage, CancellationToken, ValueTask>> _listeners = [];
    private readonly ConcurrentDictionary<string, string> _refused = [];
    private string? _lastProblem;
    private int _connections;

    public MqttConnection(
        MqttSinkOptions options,
        DataOptions data,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<MqttConnection> logger
    )
    {
        (_time, _logger) = (time, logger);
        Topics = new MqttTopics(options.Prefix);
        Client = new MqttClient(
            new MqttOptions
            {
                Brokers = options.Brokers(),
                ClientId = ClientIdOf(data.Path),
                User = options.User,
                Password = options.Password,
                TrustedAuthorities = options.Authorities(),
                LongestBackoff = options.LongestBackoff,
                // What waits at the broker for this gateway are commands: none may come when nobody expects it any more.
                SessionExpiry = CommandAge,
                KeepsSessionIn311 = false,
                Will = new MqttWill(Topics.GatewayStatus, Presence.Offline, MqttQos.AtLeastOnce, Retain: true),
            },
            time,
            DeliverAsync
        );
        Client.StatusChanged += Tell;
        Client.SubscriptionAnswered += Hear;
        metrics.Gauge("iotgw_mqtt_connected", "1 while a broker is connected", () => IsConnected ? 1 : 0);
        metrics.Gauge(
            "iotgw_mqtt_unacknowledged",
            "Publishes that the broker has not acknowledged",
            () => Client.Unacknowledged
        );
        metrics.Count("iotgw_mqtt_connections_total", "Connections to a broker", () => Connections);
        metrics.Gauge(
            "iotgw_mqtt_subscriptions_refused",
            "Subscriptions that the broker refuses now",
            () => _refused.Count
        );
        metrics.Count(
            "iotgw_mqtt_messages_dropped_total",
            "Messages of QoS 0 that came faster than they were dealt with",
            () => Client.DroppedMessages
        );
        metrics.Count(
            "iotgw_mqtt_messages_failed_total",
            "Messages whose handling failed; the broker sends them again after a reconnect",
            () => Client.FailedMessages
        );
    }

    /// <summary>Raised at each new connection, on the loop that connects: do not keep it waiting.</summary>
    public event Action? Connected;

    public MqttClient Client { get; }

    public MqttTopics Topics { get; }

    public bool IsConnected => Client.Status.State == MqttState.Connected;

    /// <summary>How many connections there have been: another number, and the broker may have forgotten all.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Why there is no connection, for a person; null while there is one.</summary>
    public string? Problem => IsConnected ? null : Client.Status.Problem ?? "connecting";

    /// <summary>
    /// Says who gets the messages of a subscription. Call it before anything runs: a broker that kept the session delivers as
    /// soon as it is connected, and what nobody listens to is acknowledged.
    /// </summary>
    /// <param name="filter">A topic, or one that ends in <c>/#</c> or has a <c>+</c> for a level.</param>
    /// <param name="handler">Gets its messages, one at a time; its return acknowledges.</param>
    public void Listen(string filter, Func<MqttMessage, CancellationToken, ValueTask> handler) =>
        _listeners[filter] = handler;

    /// <summary>Subscribes with QoS 1, for as long as this lives. A refusal, also a later one, is told by the log and the metrics.</summary>
    /// <param name="filter">As for <see cref="Listen"/>, which comes first.</param>
    /// <param name="retainAsPublished">Whether messages shall keep their sender's retain flag; in MQTT 5.0 they do.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Ends with the broker's first answer.</returns>
    public Task SubscribeAsync(string filter, bool retainAsPublished, CancellationToken cancellationToken) =>
        Client.SubscribeAsync(filter, MqttQos.AtLeastOnce, retainAsPublished, cancellationToken);

    public override void Dispose()
    {
        base.Dispose();
        Client.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Client.RunAsync(stoppingToken), GetReadyAsync(stoppingToken));

    /// <summary>The same after every start, so that the broker knows its session; another for each data folder.</summary>
    private static string ClientIdOf(string dataFolder)
    {
        var installation = $"{Environment.MachineName}\n{Path.GetFullPath(dataFolder)}";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(installation));
        // MQTT 3.1.1 §3.1.3.1: every server takes 23 letters and digits.
        return "iotgw" + Convert.ToHexStringLower(hash.AsSpan(0, 9));
    }

    private async ValueTask DeliverAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        if (message.Topic.StartsWith(Topics.Look, StringComparison.Ordinal))
            _look.TrySetResult(message.Topic);
        foreach (var (filter, handler) in _listeners)
        {
            if (MqttTopic.Matches(filter, message.Topic))
                await handler(message, cancellationToken);
        }
    }

    private void Hear(string filter, MqttReceipt receipt)
    {
        if (filter == Topics.Look || filter == Topics.OddLook)
            return;
        if (receipt.IsGood)
            _refused.TryRemove(filter, out _);
        else if (_refused.TryAdd(filter, receipt.Reason ?? "no reason given"))
            LogSubscriptionRefused(filter, receipt.Reason);
    }

    private void Tell(MqttStatus status)
    {
        switch (status)
        {
            case { State: MqttState.Connected, Broker: { } broker, Version: { } version }:
                Interlocked.Increment(ref _connections);
                _lastProblem = null;
                LogConnected(broker, version == MqttVersion.V5 ? "5.0" : "3.1.1");
                _first.TrySetResult(version);
                Connected?.Invoke();
                break;
            // The same again is no news; /readyz shows it.
            case { State: MqttState.Disconnected, Problem: { } problem } when problem != _lastProblem:
                _lastProblem = problem;
                LogDisconnected(problem);
                break;
        }
    }

    [LoggerMessage(2200, LogLevel.Information, "mqtt: connected to {Broker}, MQTT {Version}")]
    private partial void LogConnected(MqttBroker broker, string version);

    [LoggerMessage(
        2202,
        LogLevel.Warning,
        "mqtt: the broker refuses the subscription of {Filter} ({Reason}); give the gateway's user the right to read it"
    )]
    private partial void LogSubscriptionRefused(string filter, string? reason);

    [LoggerMessage(2201, LogLevel.Warning, "mqtt: {Problem}; what is not published stays in the journal")]
    private partial void LogDisconnected(string problem);
}
