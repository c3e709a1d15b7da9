using System.Data.Common;
using System.Security.Cryptography;
using System.Threading.Channels;
using IoTGateway.Devices;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt.HomeAssistant;

/// <summary>
/// Keeps Home Assistant's retained discovery topics true: each device's fields and commands. All of them are published
/// on a new connection, as the broker may have forgotten them, and when Home Assistant starts.
/// </summary>
internal sealed partial class HomeAssistantDiscovery : BackgroundService
{
    private const int DevicesAtOnce = 50;
    private const int UnderWay = 100;
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(5);

    private readonly MqttConnection _connection;
    private readonly DeviceRegistry _registry;
    private readonly CatalogStore _catalogs;
    private readonly DiscoveryMessages _messages;
    private readonly AnnouncedTopics _announced;
    private readonly TimeProvider _time;
    private readonly ILogger<HomeAssistantDiscovery> _logger;
    private readonly bool _isOn;

    // One id per device, however often it changes.
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    // What the broker has of each topic, as a hash: the texts of a fleet are tens of megabytes.
    private readonly Dictionary<string, long> _said = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private volatile bool _isAsked;
    private int _publishedTo;
    private long _refused;

    public HomeAssistantDiscovery(
        MqttConnection connection,
        MqttSinkOptions options,
        DataOptions data,
        DeviceRegistry registry,
        CatalogStore catalogs,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<HomeAssistantDiscovery> logger
    )
    {
        (_connection, _registry, _catalogs, _time, _logger) = (connection, registry, catalogs, time, logger);
        _isOn = options.HomeAssistant;
        _messages = new DiscoveryMessages(connection.Topics);
        _announced = new AnnouncedTopics(data.Path);
        _connection.Connected += Wake;
        _registry.Changed += OnChanged;
        connection.Listen(DiscoveryMessages.BirthTopic, HandleBirthAsync);
        metrics.Count(
            "iotgw_mqtt_discovery_refused_total",
            "Messages to Home Assistant's discovery that the broker refused",
            () => Interlocked.Read(ref _refused)
        );
    }

    public override void Dispose()
    {
        _connection.Connected -= Wake;
        _registry.Changed -= OnChanged;
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(ListenAsync(stoppingToken), PublishAllAsync(stoppingToken));

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        if (_isOn)
            await _connection.SubscribeAsync(DiscoveryMessages.BirthTopic, retainAsPublished: false, stoppingToken);
    }

    private ValueTask HandleBirthAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        // A retained one is of a start that is over; what it heard since is retained as well.
        if (!message.IsRetained && message.Payload.Span.SequenceEqual("online"u8))
        {
            _isAsked = true;
            Wake();
        }
        return ValueTask.CompletedTask;
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private void OnChanged(string device)
    {
        lock (_changed)
            _changed.Add(device);
        Wake();
    }

    private async Task PublishAllAsync(CancellationToken stoppingToken)
    {
        await _connection.Ready.WaitAsync(stoppingToken);
        while (true)
        {
            await _wake.Reader.ReadAsync(stoppingToken);
            try
            {
                await PublishAsync(stoppingToken);
            }
            catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException)
            {
                LogTrouble(e);
                await Task.Delay(TroublePause, _time, stoppingToken);
                _publishedTo = 0;
                Wake();
            }
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        // Without a connection the set keeps who has changed: the next one says it all anyway.
        if (!_connection.IsConnected)
            return;
        var connection = _connection.Connections;
        if (connection != _publishedTo || _isAsked)
        {
            (_isAsked, _publishedTo) = (false, connection);
            _said.Clear();
            lock (_changed)
                _changed.UnionWith([.. _announced.Devices, .. _registry.List().Select(device => device.Id)]);
        }
        while (TakeChanged() is { Length: > 0 } devices)
            await SayAsync(devices, cancellationToken);
    }

    private string[] TakeChanged()
    {
        lock (_changed)
        {
            string[] some = [.. _changed.Take(DevicesAtOnce)];
            _changed.ExceptWith(some);
            return some;
        }
    }

    private async Task SayAsync(string[] devices, CancellationToken cancellationToken)
    {
        var messages = new List<(string Topic, byte[] Payload)>();
        var after = new List<(string Device, IReadOnlyCollection<string> Topics)>();
        var isNew = false;
        foreach (var device in devices)
        {
            if (Wanted(device) is not { } wanted)
                continue;
            var before = _announced.TopicsOf(device);
            messages.AddRange(
                before.Where(topic => !wanted.ContainsKey(topic)).Select(topic => (topic, Array.Empty<byte>()))
            );
            messages.AddRange(wanted.Select(entity => (entity.Key, entity.Value.ToBytes())));
            isNew |= _announced.Set(device, [.. before.Union(wanted.Keys)]);
            after.Add((device, [.. wanted.Keys]));
        }
        // On disk before the broker hears of them, and off it after it has heard that they are gone.
        if (isNew)
            _announced.Save();
        foreach (var some in messages.Where(IsNews).Chunk(UnderWay))
            await Task.WhenAll(some.Select(message => SayAsync(message, cancellationToken)));
        var isGone = false;
        foreach (var (device, topics) in after)
            isGone |= _announced.Set(device, topics);
        if (isGone)
            _announced.Save();
    }

    /// <summary>Null where nothing can be said yet: the catalog that the device has named is still on its way.</summary>
    private IReadOnlyDictionary<string, EntityConfig>? Wanted(string id)
    {
        if (!_isOn || _registry.Find(id) is not { CatalogHash: { } hash } device)
            return new Dictionary<string, EntityConfig>();
        return _catalogs.Find(id, hash) is { } catalog ? _messages.Of(device, catalog) : null;
    }

    private bool IsNews((string Topic, byte[] Payload) message) =>
        !_said.TryGetValue(message.Topic, out var hash) || hash != HashOf(message.Payload);

    private async Task SayAsync((string Topic, byte[] Payload) message, CancellationToken cancellationToken)
    {
        var receipt = await _connection.Client.PublishAsync(
            message.Topic,
            message.Payload,
            MqttQos.AtLeastOnce,
            retain: true,
            cancellationToken
        );
        if (receipt.Outcome == MqttOutcome.NotConnected)
            return;
        lock (_said)
        {
            if (message.Payload.Length > 0)
                _said[message.Topic] = HashOf(message.Payload);
            else
                _said.Remove(message.Topic);
        }
        if (receipt.Outcome != MqttOutcome.Acknowledged && Interlocked.Increment(ref _refused) == 1)
            LogRefused(message.Topic, receipt.Reason);
    }

    private static long HashOf(byte[] payload) => BitConverter.ToInt64(SHA256.HashData(payload));

    [LoggerMessage(
        2230,
        LogLevel.Warning,
        "mqtt: the broker refuses {Topic} ({Reason}); give the gateway's user the right to write below homeassistant, or set Mqtt:HomeAssistant to false"
    )]
    private partial void LogRefused(string topic, string? reason);

    [LoggerMessage(2231, LogLevel.Error, "mqtt: what Home Assistant is told cannot be read or kept; tried again")]
    private partial void LogTrouble(Exception failure);
}
