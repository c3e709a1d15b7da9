using IoTGateway.Mqtt.Connection;
using IoTGateway.Mqtt.Packets;

namespace IoTGateway.Mqtt;

public sealed partial class MqttClient
{
    // A broker that closes at a CONNECT of version 5 this often in a row may know version 3.1.1 only.
    private const int ClosedBeforeFallback = 2;

    private readonly HashSet<MqttBroker> _older = [];
    private readonly Dictionary<MqttBroker, int> _closed = [];
    private string _clientId;
    private bool _moveOn;

    /// <summary>
    /// Connects, and again after each loss, until cancelled: then it says goodbye and ends. Call it once.
    /// </summary>
    /// <param name="cancellationToken">Ends the client; that is no error.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var handling = _session.Inbox.RunAsync(_handler, stop.Token);
        try
        {
            await StayConnectedAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
        finally
        {
            _session.Close();
            await stop.CancelAsync();
            await handling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            SetStatus(new MqttStatus(MqttState.Disconnected, _status.Broker, null, false, "this client has ended"));
        }
    }

    private async Task StayConnectedAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_options.FirstBackoff, _options.LongestBackoff);
        var failures = 0;
        for (var index = 0; ; )
        {
            var broker = _options.Brokers[index];
            var lasted = await TryAsync(broker, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (lasted is null || _moveOn)
                index = (index + 1) % _options.Brokers.Count;
            if (lasted > _options.SteadyAfter)
                backoff.Reset();
            // The others are tried at once; only when all have failed is it time to wait.
            failures = lasted is null ? failures + 1 : _options.Brokers.Count;
            if (failures < _options.Brokers.Count)
                continue;
            failures = 0;
            await Task.Delay(backoff.Next(Random.Shared.NextDouble()), _time, cancellationToken);
        }
    }

    /// <summary>One attempt, and the connection that comes of it until its end.</summary>
    /// <returns>How long it lasted; null where it did not come about.</returns>
    private async Task<TimeSpan?> TryAsync(MqttBroker broker, CancellationToken cancellationToken)
    {
        _moveOn = false;
        SetStatus(new MqttStatus(MqttState.Connecting, broker, null, false, _status.Problem));
        var (lasted, problem) = await TryAsync(broker, VersionFor(broker), cancellationToken);
        if (problem is null)
        {
            // The broker does not speak version 5: at once in the other.
            (lasted, problem) = await TryAsync(broker, MqttVersion.V311, cancellationToken);
        }
        SetStatus(new MqttStatus(MqttState.Disconnected, broker, null, false, $"{broker}: {problem}"));
        return lasted;
    }

    private async Task<(TimeSpan? Lasted, string? Problem)> TryAsync(
        MqttBroker broker,
        MqttVersion version,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var stream = await Transport.ConnectAsync(broker, _options.TrustedAuthorities, either.Token);
            await using var packets = new PacketStream(stream, _options.LargestPacket);
            // Without a name there is no session to come back to (MQTT 3.1.1 §3.1.3.1).
            var isClean = _clientId.Length == 0 || (version == MqttVersion.V311 && !_options.KeepsSessionIn311);
            var result = await Handshake.RunAsync(packets, version, _clientId, isClean, _options, either.Token);
            if (result is not { Ack: { } ack, Problem: null })
                return (null, IsForOlder(broker, version, result) ? null : result.Problem ?? "no answer");
            if (version == MqttVersion.V5)
                _closed.Remove(broker);
            return await ServeAsync(broker, version, packets, ack, cancellationToken);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return (null, $"no connection within {_options.ConnectTimeout.TotalSeconds:0.#} s");
        }
        catch (IOException e)
        {
            return (null, e.Message);
        }
    }

    private async Task<(TimeSpan? Lasted, string? Problem)> ServeAsync(
        MqttBroker broker,
        MqttVersion version,
        PacketStream packets,
        ConnAck ack,
        CancellationToken cancellationToken
    )
    {
        _clientId = ack.AssignedClientId ?? _clientId;
        var begun = _time.GetTimestamp();
        _session.Begin(ack.SessionPresent);
        SetStatus(new MqttStatus(MqttState.Connected, broker, version, ack.SessionPresent, null));
        var link = new BrokerLink(packets, version, ack, _options, _session, _time);
        var problem = await link.RunAsync(cancellationToken);
        _session.Outbox.End();
        _moveOn = link.IsReferral;
        return (_time.GetElapsedTime(begun), problem);
    }

    private MqttVersion VersionFor(MqttBroker broker) =>
        _options.Version ?? (_older.Contains(broker) ? MqttVersion.V311 : MqttVersion.V5);

    /// <summary>Whether an attempt in version 5 shall be repeated in 3.1.1.</summary>
    private bool IsForOlder(MqttBroker broker, MqttVersion version, in HandshakeResult result)
    {
        if (version == MqttVersion.V311 || _options.Version is not null)
            return false;
        if (result.Ack is { RefusesVersion: true })
            return _older.Add(broker) || _older.Contains(broker);
        if (result.Ack is not null)
            return false;
        // It may also just be starting or stopping: nothing is remembered, the next attempt asks in version 5 again.
        var closed = _closed[broker] = _closed.GetValueOrDefault(broker) + 1;
        return closed >= ClosedBeforeFallback;
    }

    private void SetStatus(MqttStatus status)
    {
        _status = status;
        StatusChanged?.Invoke(status);
    }
}
