using System.Text;
using IoTGateway.Mqtt.Packets;

namespace IoTGateway.Mqtt.Connection;

/// <summary>What the broker sends.</summary>
internal sealed partial class BrokerLink
{
    private async Task<string> ReceiveAsync(CancellationToken stop)
    {
        try
        {
            return await packets.ReadAsync(Receive, Refuse, stop) ?? "the broker closed the connection";
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return Words(e);
        }
    }

    private string? Receive(PacketType type, int flags, ReadOnlySpan<byte> body)
    {
        PacketError error;
        switch (type)
        {
            case PacketType.Publish:
                if (Publish.TryRead(flags, body, version, out var publish, out error))
                    return Deliver(publish);
                break;
            case PacketType.PubAck:
                if (PubAck.TryRead(flags, body, version, out var pubAck, out error))
                    session.Outbox.Acknowledge(pubAck);
                break;
            case PacketType.SubAck:
                if (SubAck.TryRead(flags, body, version, out var subAck, out error))
                    session.Subscriptions.Answer(subAck, version);
                break;
            case PacketType.PingResp:
                error = Ping.CheckResponse(flags, body);
                Volatile.Write(ref _pongMissing, false);
                break;
            case PacketType.Disconnect:
                if (!Disconnect.TryRead(flags, body, version, out var disconnect, out error))
                    break;
                IsReferral = disconnect.IsReferral;
                return $"the broker says goodbye: {disconnect.InWords()}";
            default:
                error = PacketError.Unexpected;
                break;
        }
        return error == PacketError.None ? null : Refuse(error);
    }

    private string Refuse(PacketError error)
    {
        _farewell = error.DisconnectCode();
        return $"the broker sent {error.InWords()}";
    }

    private string? Deliver(in Publish publish)
    {
        var id = publish.Id;
        // §3.1.2.11.3: a broker of version 5 knows how many may be under way; one of 3.1.1 meets the inbox's bound.
        var allowed = version == MqttVersion.V5 ? options.ReceiveMaximum : options.MostWaiting;
        var isTooMany = id != 0 && Interlocked.Increment(ref _unhandled) > allowed;
        var message = new MqttMessage(
            Encoding.UTF8.GetString(publish.Topic),
            publish.Payload.ToArray(),
            publish.Qos,
            publish.Retain,
            publish.Duplicate,
            id,
            id == 0 ? null : () => Acknowledge(id)
        );
        if (!isTooMany && session.Inbox.TryAdd(message))
            return null;
        _farewell = ReasonCode.ReceiveMaximumExceeded;
        return $"the broker sent more than the {allowed} unacknowledged messages that it may";
    }

    /// <summary>§4.3.2; after the connection has ended nobody sends it, and the message comes again.</summary>
    private void Acknowledge(ushort id)
    {
        Interlocked.Decrement(ref _unhandled);
        _handled.Enqueue(id);
        session.Wake.Set();
    }
}
