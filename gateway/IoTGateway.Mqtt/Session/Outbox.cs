namespace IoTGateway.Mqtt.Session;

/// <summary>
/// The publishes that are not acknowledged, oldest first, in a ring: the client's half of the session (MQTT 5.0 §4.1).
/// The place in the ring gives the packet identifier, so nothing is looked up. When it is full, callers wait in turn.
/// </summary>
internal sealed partial class Outbox : IDisposable
{
    /// <summary>Identifiers up to here are publishes; those above are left to subscriptions.</summary>
    public const int LastId = 60_000;

    public const int MostCapacity = 32_768;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _door = new(1, 1);
    private readonly SemaphoreSlim _room;
    private readonly OutgoingPublish?[] _ring;
    private readonly Wake _wake;

    // Oldest not done, next to send, next free; counted from the start of the process.
    private long _head;
    private long _next;
    private long _tail;
    private int _inFlight;
    private bool _isConnected;
    private bool _isClosed;

    public Outbox(int capacity, Wake wake)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MostCapacity);
        _ring = new OutgoingPublish[capacity];
        _room = new SemaphoreSlim(capacity, capacity);
        _wake = wake;
    }

    /// <summary>How many wait for their PUBACK or to be sent.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return (int)(_tail - _head);
        }
    }

    /// <summary>Takes a publish over, in the order of the calls; waits while there is no room.</summary>
    /// <returns>Completes when the publish is dealt with.</returns>
    public async ValueTask<Task<MqttReceipt>> AddAsync(
        string topic,
        ReadOnlyMemory<byte> payload,
        MqttQos qos,
        bool retain,
        CancellationToken cancellationToken
    )
    {
        await _door.WaitAsync(cancellationToken);
        try
        {
            await _room.WaitAsync(cancellationToken);
            return Add(topic, payload.Span, qos, retain);
        }
        finally
        {
            _door.Release();
        }
    }

    /// <summary>A connection begins: what is not acknowledged is sent again, in order (§4.4).</summary>
    /// <param name="sessionPresent">False: the broker knows nothing of it, so it is no duplicate (§3.2.2.1.1).</param>
    public void Begin(bool sessionPresent)
    {
        lock (_lock)
        {
            (_next, _inFlight, _isConnected) = (_head, 0, true);
            for (var n = _head; n < _tail && !sessionPresent; n++)
                At(n).WasSent = false;
        }
    }

    /// <summary>A connection ends: what is of QoS 0 ends with it.</summary>
    public void End() => Drop(close: false);

    /// <summary>The client ends: nobody waits any longer.</summary>
    public void Close() => Drop(close: true);

    public void Dispose()
    {
        _door.Dispose();
        _room.Dispose();
    }

    private OutgoingPublish At(long n) => _ring[n % _ring.Length]!; // Between head and tail every place is taken.

    private Task<MqttReceipt> Add(string topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain)
    {
        lock (_lock)
        {
            var publish = _ring[_tail % _ring.Length] ??= new OutgoingPublish();
            publish.Set(topic, payload, qos, retain);
            _tail++;
            if (_isClosed || (qos == MqttQos.AtMostOnce && !_isConnected))
                Finish(publish, new MqttReceipt(MqttOutcome.NotConnected, "there is no connection to a broker"));
            _wake.Set();
            return publish.Receipt.Task;
        }
    }

    private void Drop(bool close)
    {
        lock (_lock)
        {
            _isConnected = false;
            _isClosed |= close;
            for (var n = _head; n < _tail; n++)
            {
                var publish = At(n);
                if (!publish.IsDone && (close || publish.Qos == MqttQos.AtMostOnce))
                    publish.Complete(new MqttReceipt(MqttOutcome.NotConnected, "the connection has ended"));
            }
            Advance();
        }
    }

    private void Finish(OutgoingPublish publish, MqttReceipt receipt)
    {
        publish.Complete(receipt);
        Advance();
    }

    private void Advance()
    {
        var before = _head;
        while (_head < _tail && At(_head).IsDone)
            _head++;
        _next = Math.Max(_next, _head);
        if (_head > before)
            _room.Release((int)(_head - before));
    }
}
