using IoTGateway.Mqtt.Packets;

namespace IoTGateway.Mqtt.Session;

/// <summary>Publishes onto the wire, and their PUBACKs back.</summary>
internal sealed partial class Outbox
{
    /// <summary>Writes the next publish that the broker's limits allow.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryWriteNext(PacketWriter writer, MqttVersion version, ServerLimits limits)
    {
        lock (_lock)
        {
            while (_next < _tail)
            {
                var publish = At(_next);
                var isQos1 = publish.Qos == MqttQos.AtLeastOnce;
                if (!publish.IsDone && isQos1 && _inFlight >= limits.ReceiveMaximum)
                    return false;
                _next++;
                if (publish.IsDone)
                    continue;
                if (Refusal(publish, version, limits) is { } refusal)
                {
                    Finish(publish, refusal);
                    continue;
                }
                Write(publish, _next - 1, writer, version, limits);
                if (isQos1)
                    _inFlight++;
                else
                    Finish(publish, new MqttReceipt(MqttOutcome.Sent));
                return true;
            }
            return false;
        }
    }

    /// <summary>A PUBACK has come. One that belongs to nothing changes nothing.</summary>
    public void Acknowledge(in PubAck ack)
    {
        lock (_lock)
        {
            if (ack.Id > LastId)
                return;
            var n = _head + ((ack.Id - 1 - (_head % LastId) + LastId) % LastId);
            if (n >= _next || At(n) is not { IsDone: false, Qos: MqttQos.AtLeastOnce } publish)
                return;
            _inFlight--;
            Finish(publish, ReceiptOf(ack));
        }
        _wake.Set();
    }

    private static MqttReceipt? Refusal(OutgoingPublish publish, MqttVersion version, ServerLimits limits)
    {
        var bytes = Publish.LengthOf(publish.Topic.Length, publish.Payload.Length, publish.Qos, version);
        if (bytes > limits.LargestPacket)
        {
            var reason = $"the packet has {bytes} bytes, the broker takes at most {limits.LargestPacket}";
            return new MqttReceipt(MqttOutcome.TooLarge, reason);
        }
        if (publish.Qos == MqttQos.AtLeastOnce && !limits.TakesQos1)
            return new MqttReceipt(MqttOutcome.Refused, "the broker takes QoS 0 only");
        return null;
    }

    /// <summary>§3.3.1.1: DUP on what may have come before. §3.2.2.3.5: no RETAIN where the broker retains nothing.</summary>
    private static void Write(
        OutgoingPublish publish,
        long n,
        PacketWriter writer,
        MqttVersion version,
        ServerLimits limits
    )
    {
        new Publish
        {
            Topic = publish.Topic,
            Payload = publish.Payload,
            Id = (ushort)((n % LastId) + 1),
            Qos = publish.Qos,
            Retain = publish.Retain && limits.Retains,
            Duplicate = publish.WasSent,
        }.Write(writer, version);
        publish.WasSent = publish.Qos == MqttQos.AtLeastOnce;
    }

    private static MqttReceipt ReceiptOf(in PubAck ack)
    {
        if (ack.Code < ReasonCode.FirstError)
            return new MqttReceipt(MqttOutcome.Acknowledged);
        var outcome = ack.Code switch
        {
            ReasonCode.TopicNameInvalid or ReasonCode.PayloadFormatInvalid => MqttOutcome.Invalid,
            ReasonCode.PacketTooLarge => MqttOutcome.TooLarge,
            _ => MqttOutcome.Refused,
        };
        return new MqttReceipt(outcome, ReasonCode.InWords(ack.Code, ack.Reason));
    }
}
