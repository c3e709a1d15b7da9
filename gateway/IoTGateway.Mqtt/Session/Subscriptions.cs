using IoTGateway.Mqtt.Packets;

namespace IoTGateway.Mqtt.Session;

/// <summary>What the client wants to hear. Asked for again wherever the broker has forgotten it.</summary>
internal sealed class Subscriptions(Wake wake, Action<string, MqttReceipt> answered)
{
    /// <summary>Each is sent in a SUBSCRIBE of its own, whose identifier is above those of publishes.</summary>
    public const int Most = 1000;

    private readonly Lock _lock = new();
    private readonly List<Subscription> _all = [];
    private int _next;
    private bool _isClosed;

    /// <summary>Adds a filter, or asks for a known one again.</summary>
    /// <returns>Completes with the broker's answer.</returns>
    /// <exception cref="InvalidOperationException">There are <see cref="Most"/> already.</exception>
    public Task<MqttReceipt> Add(string filter, MqttQos qos, bool retainAsPublished)
    {
        lock (_lock)
        {
            var subscription = _all.Find(one => one.Filter == filter);
            if (subscription is null)
            {
                if (_all.Count == Most)
                    throw new InvalidOperationException($"A client has at most {Most} subscriptions.");
                subscription = new Subscription(filter, (ushort)(Outbox.LastId + 1 + _all.Count));
                _all.Add(subscription);
            }
            subscription.Ask(qos, retainAsPublished);
            if (_isClosed)
                subscription.Answer.TrySetResult(new MqttReceipt(MqttOutcome.NotConnected, "the client has ended"));
            _next = 0;
            wake.Set();
            return subscription.Answer.Task;
        }
    }

    /// <summary>A connection begins: what its session does not hold is to be sent.</summary>
    public void Begin(bool sessionPresent)
    {
        lock (_lock)
        {
            foreach (var subscription in _all)
                subscription.IsSent = sessionPresent && subscription.IsGranted;
            _next = 0;
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (var subscription in _all)
                subscription.Answer.TrySetResult(new MqttReceipt(MqttOutcome.NotConnected, "the client has ended"));
        }
    }

    /// <summary>Writes the next SUBSCRIBE that is due.</summary>
    public bool TryWriteNext(PacketWriter writer, MqttVersion version)
    {
        lock (_lock)
        {
            while (_next < _all.Count)
            {
                var subscription = _all[_next++];
                if (subscription.IsSent)
                    continue;
                subscription.IsSent = true;
                subscription.Write(writer, version);
                return true;
            }
            return false;
        }
    }

    public void Answer(in SubAck ack, MqttVersion version)
    {
        Subscription subscription;
        // MQTT 3.1.1 §3.9.3 has one code for every failure.
        var reason = version == MqttVersion.V5 ? ReasonCode.InWords(ack.Code, ack.Reason) : "the broker refuses it";
        var receipt =
            ack.Code < ReasonCode.FirstError
                ? new MqttReceipt(MqttOutcome.Acknowledged)
                : new MqttReceipt(MqttOutcome.Refused, reason);
        lock (_lock)
        {
            var index = ack.Id - Outbox.LastId - 1;
            if (index < 0 || index >= _all.Count)
                return;
            subscription = _all[index];
            subscription.IsGranted = receipt.IsGood;
            subscription.Answer.TrySetResult(receipt);
        }
        answered(subscription.Filter, receipt);
    }

    private sealed class Subscription(string filter, ushort id)
    {
        private MqttQos _qos;
        private bool _retainAsPublished;

        public string Filter => filter;

        public bool IsSent { get; set; }

        /// <summary>The broker's session holds it; one that was refused is asked for again.</summary>
        public bool IsGranted { get; set; }

        public TaskCompletionSource<MqttReceipt> Answer { get; private set; } = New();

        public void Ask(MqttQos qos, bool retainAsPublished)
        {
            (_qos, _retainAsPublished, IsSent) = (qos, retainAsPublished, false);
            if (Answer.Task.IsCompleted)
                Answer = New();
        }

        public void Write(PacketWriter writer, MqttVersion version) =>
            Subscribe.Write(writer, version, id, filter, _qos, _retainAsPublished);

        private static TaskCompletionSource<MqttReceipt> New() =>
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
