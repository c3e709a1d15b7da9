using System.Threading.Channels;

namespace IoTGateway.Mqtt.Session;

/// <summary>Messages on their way to the handler, which deals with one at a time. Bounded.</summary>
internal sealed class Inbox(int capacity)
{
    private readonly Channel<MqttMessage> _messages = Channel.CreateBounded<MqttMessage>(
        new BoundedChannelOptions(capacity) { SingleReader = true }
    );
    private long _dropped;
    private long _failed;

    /// <summary>Messages of QoS 0 that found no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Messages that the handler threw at.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>False where there is no room for a message that may not be dropped.</summary>
    public bool TryAdd(MqttMessage message)
    {
        if (_messages.Writer.TryWrite(message))
            return true;
        if (message.Qos != MqttQos.AtMostOnce)
            return false;
        Interlocked.Increment(ref _dropped);
        return true;
    }

    /// <summary>Hands messages over until cancelled.</summary>
    public async Task RunAsync(
        Func<MqttMessage, CancellationToken, ValueTask> handler,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var message = await _messages.Reader.ReadAsync(cancellationToken);
            try
            {
                await handler(message, cancellationToken);
                message.Acknowledge();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // The handler's bug must not end the connection: its message stays unacknowledged.
            catch (Exception)
#pragma warning restore CA1031
            {
                Interlocked.Increment(ref _failed);
            }
        }
    }
}
