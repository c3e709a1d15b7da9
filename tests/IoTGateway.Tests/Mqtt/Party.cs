using System.Collections.Concurrent;
using System.Text;
using IoTGateway.Mqtt;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Mqtt;

/// <summary>A client under test, running, with what it got and where it stood.</summary>
internal sealed class Party : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<MqttStatus> _statuses = new();
    private readonly ConcurrentQueue<MqttMessage> _messages = new();
    private Task _running = Task.CompletedTask;

    private Party(MqttOptions options, Func<MqttMessage, CancellationToken, ValueTask>? handler, TimeProvider? time)
    {
        Client = new MqttClient(options, time ?? TimeProvider.System, handler ?? Keep);
        Client.StatusChanged += _statuses.Enqueue;
    }

    public MqttClient Client { get; }

    public IReadOnlyCollection<MqttMessage> Messages => _messages;

    public IEnumerable<string> Texts => _messages.Select(TextOf);

    public IReadOnlyCollection<MqttStatus> Statuses => _statuses;

    public int Connections => _statuses.Count(status => status.State == MqttState.Connected);

    public static Party Start(
        MqttOptions options,
        Func<MqttMessage, CancellationToken, ValueTask>? handler = null,
        TimeProvider? time = null
    )
    {
        var party = new Party(options, handler, time);
        party._running = party.Client.RunAsync(party._stop.Token);
        return party;
    }

    public static async Task<Party> ConnectAsync(
        MqttOptions options,
        Func<MqttMessage, CancellationToken, ValueTask>? handler = null
    )
    {
        var party = Start(options, handler);
        await party.ConnectedAsync();
        return party;
    }

    /// <summary>Options that make a test quick.</summary>
    public static MqttOptions Options(string urls, MqttVersion? version = null, string clientId = "iotgw-test") =>
        new()
        {
            Brokers = [.. urls.Split(',').Select(Broker)],
            ClientId = clientId,
            Version = version,
            FirstBackoff = TimeSpan.FromMilliseconds(20),
            LongestBackoff = TimeSpan.FromMilliseconds(100),
        };

    public static MqttBroker Broker(string url)
    {
        Assert.True(MqttBroker.TryParse(url, out var broker), url);
        return broker;
    }

    public static string TextOf(MqttMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    public Task ConnectedAsync(int times = 1) =>
        Patience.UntilAsync(
            () => Connections >= times && Client.Status.State == MqttState.Connected,
            $"a connection ({Client.Status})"
        );

    public Task<MqttReceipt> PublishAsync(
        string topic,
        string text,
        MqttQos qos = MqttQos.AtLeastOnce,
        bool retain = false
    ) => Client.PublishAsync(topic, Encoding.UTF8.GetBytes(text), qos, retain, Patience.Token());

    public Task<MqttReceipt> SubscribeAsync(string filter, MqttQos qos = MqttQos.AtLeastOnce) =>
        Client.SubscribeAsync(filter, qos, Patience.Token());

    public Task ReceivedAsync(int count) =>
        Patience.UntilAsync(() => _messages.Count >= count, $"{count} messages, there are {_messages.Count}");

    /// <summary>Ends in order.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        Client.Dispose();
    }

    private ValueTask Keep(MqttMessage message, CancellationToken cancellationToken)
    {
        _messages.Enqueue(message);
        return ValueTask.CompletedTask;
    }
}
