using System.Data.Common;
using System.Threading.Channels;
using IoTGateway.Devices;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>
/// Keeps the retained status topics true: each device's, and the gateway's own. A new connection publishes them all,
/// as the broker may have forgotten them, or hold those of before this process.
/// </summary>
internal sealed partial class MqttPresence : BackgroundService
{
    private const int UnderWay = 100;
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DatabasePause = TimeSpan.FromSeconds(1);

    private readonly MqttConnection _connection;
    private readonly DeviceRegistry _registry;
    private readonly DeviceStatuses _statuses;
    private readonly TimeProvider _time;
    private readonly ILogger<MqttPresence> _logger;

    // One id per device, however often it comes and goes.
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _saidOnline = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private int _publishedTo;
    private long _refused;

    public MqttPresence(
        MqttConnection connection,
        DeviceRegistry registry,
        DeviceStatuses statuses,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<MqttPresence> logger
    )
    {
        (_connection, _registry, _statuses, _time, _logger) = (connection, registry, statuses, time, logger);
        _connection.Connected += Wake;
        _statuses.PresenceChanged += Changed;
        _registry.Revoked += OnRevoked;
        metrics.Count("iotgw_mqtt_status_refused_total", "Status messages that the broker refused", () => _refused);
    }

    public override void Dispose()
    {
        _connection.Connected -= Wake;
        _statuses.PresenceChanged -= Changed;
        _registry.Revoked -= OnRevoked;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _connection.Ready.WaitAsync(stoppingToken);
            while (true)
            {
                await _wake.Reader.ReadAsync(stoppingToken);
                await PublishAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await SayGoodbyeAsync();
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private void OnRevoked(object? sender, string device) => Changed(device);

    private void Changed(string device)
    {
        lock (_changed)
            _changed.Add(device);
        Wake();
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        // Without a connection the set keeps who has changed: the next one says it all anyway.
        if (!_connection.IsConnected)
            return;
        try
        {
            if (_connection.Connections is var connection && connection != _publishedTo)
            {
                // Whom an earlier connection was told to be online stays in _saidOnline: a stop right now must take it back.
                AddAll();
                await SayAsync(_connection.Topics.GatewayStatus, Presence.Online, cancellationToken);
                _publishedTo = connection;
            }
            while (TakeChanged() is { Length: > 0 } devices)
                await SayAsync(devices, cancellationToken);
        }
        catch (DbException e)
        {
            LogDatabase(e);
            await Task.Delay(DatabasePause, _time, cancellationToken);
            _publishedTo = 0;
            Wake();
        }
    }

    private void AddAll()
    {
        lock (_changed)
            _changed.UnionWith(_registry.List().Select(device => device.Id));
    }

    private async Task SayAsync(string[] devices, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(devices.Select(device => SayAsync(device, cancellationToken)));
        }
        catch (OperationCanceledException)
        {
            // Not said, as far as anybody knows: the farewell does.
            lock (_changed)
                _changed.UnionWith(devices);
            throw;
        }
    }

    private string[] TakeChanged()
    {
        lock (_changed)
        {
            string[] some = [.. _changed.Take(UnderWay)];
            _changed.ExceptWith(some);
            return some;
        }
    }

    private async Task SayAsync(string device, CancellationToken cancellationToken)
    {
        // A device of that name would speak on the gateway's topic.
        if (device == MqttTopics.Gateway)
            return;
        var isOnline = _statuses.Peek(device).Online;
        if (isOnline)
            Remember(device, isOnline);
        // An empty retained message takes the one before away (MQTT 5.0 §3.3.1.3).
        var text = isOnline || _registry.Find(device) is not null ? Presence.Of(isOnline) : default;
        await SayAsync(_connection.Topics.StatusOf(device), text, cancellationToken);
        // Not before: a stop in between must still take it offline.
        if (!isOnline)
            Remember(device, isOnline);
    }

    private void Remember(string device, bool isOnline)
    {
        lock (_saidOnline)
        {
            if (isOnline)
                _saidOnline.Add(device);
            else
                _saidOnline.Remove(device);
        }
    }

    private async Task SayAsync(string topic, ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        var receipt = await _connection.Client.PublishAsync(
            topic,
            text,
            MqttQos.AtLeastOnce,
            retain: true,
            cancellationToken
        );
        if (receipt.Outcome is MqttOutcome.Acknowledged or MqttOutcome.NotConnected)
            return;
        if (Interlocked.Increment(ref _refused) == 1)
            LogRefused(topic, receipt.Reason);
    }

    /// <summary>
    /// The links are gone already; the will is only for an end without a word. Whoever was not told of yet on this
    /// connection may read <c>online</c> since an earlier one.
    /// </summary>
    private async Task SayGoodbyeAsync()
    {
        if (!_connection.IsConnected)
            return;
        using var limit = new CancellationTokenSource(FarewellTime, _time);
        try
        {
            foreach (var some in WhoMayBeOnline().Chunk(UnderWay))
                await Task.WhenAll(some.Select(SayOfflineAsync));
            await SayAsync(_connection.Topics.GatewayStatus, Presence.Offline, limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The broker does not answer: its will says the same.
        }

        Task SayOfflineAsync(string device) =>
            SayAsync(_connection.Topics.StatusOf(device), Presence.Offline, limit.Token);
    }

    private HashSet<string> WhoMayBeOnline()
    {
        HashSet<string> all = [.. _saidOnline];
        try
        {
            var registered = _registry.List().Select(device => device.Id).ToHashSet(StringComparer.Ordinal);
            lock (_changed)
                all.UnionWith(_publishedTo == _connection.Connections ? _changed : registered);
            all.IntersectWith(registered);
        }
        catch (DbException e)
        {
            LogDatabase(e);
        }
        all.Remove(MqttTopics.Gateway);
        return all;
    }

    [LoggerMessage(
        2210,
        LogLevel.Warning,
        "mqtt: the broker refuses the status on {Topic} ({Reason}); give the gateway's user the right to write below Mqtt:Prefix"
    )]
    private partial void LogRefused(string topic, string? reason);

    [LoggerMessage(2211, LogLevel.Error, "mqtt: the devices cannot be read for their status topics; tried again")]
    private partial void LogDatabase(Exception failure);
}
