using IoTGateway.Journal;
using IoTGateway.Observability;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links;

/// <summary>From a message to its receipt: into the journal, and back once it is on disk.</summary>
internal sealed partial class DeviceSession
{
    private Action<uint, uint>? _acknowledge;
    private Action<uint, uint>? _settle;
    private long _oldestUnacknowledged;
    private int _appended;
    private int _settled;

    /// <summary>Whether all that was appended is on disk. For a request, which ends when it is.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_lock)
                return _settled == _appended;
        }
    }

    /// <summary>
    /// Puts a message into the journal and waits while there is no room. A TELEMETRY's ACK follows once it is on disk; a
    /// message without a sequence has no receipt of its own.
    /// </summary>
    public ValueTask AppendAsync(JournalEntry entry, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        _appended++;
        if (entry.Sequence == 0)
            return _services.Journal.AppendAsync(
                entry,
                message,
                _link.IsStream ? null : _settle ??= Settle,
                cancellationToken
            );
        if (Interlocked.Read(ref _oldestUnacknowledged) == 0)
            Interlocked.CompareExchange(ref _oldestUnacknowledged, _services.Time.GetTimestamp(), 0);
        var trace = Tracing.Begin(entry, message.Length);
        return _services.Journal.AppendAsync(
            entry,
            message,
            trace is null ? _acknowledge ??= Acknowledge : Acknowledging(trace),
            cancellationToken
        );
    }

    private Action<uint, uint> Acknowledging(MessageTrace trace) =>
        (epoch, sequence) =>
        {
            trace.Durable();
            Acknowledge(epoch, sequence);
        };

    /// <summary>Called by the journal's writer after the fsync: never waits.</summary>
    private void Acknowledge(uint epoch, uint sequence)
    {
        var since = Interlocked.Exchange(ref _oldestUnacknowledged, 0);
        if (since != 0)
            _services.Metrics.Acknowledged(_services.Time.GetElapsedTime(since));
        Status.Acknowledged = new Ack(epoch, sequence);
        bool first;
        lock (_lock)
        {
            _settled++;
            _acks ??= [];
            first = _acks.Count == 0;
            // Receipts are cumulative: a later one of the same epoch says all that an earlier one said.
            if (_acks.Count > 0 && _acks[^1].Epoch == epoch)
                _acks[^1] = new Ack(epoch, Math.Max(_acks[^1].Sequence, sequence));
            else
                _acks.Add(new Ack(epoch, sequence));
        }
        if (!_link.IsStream)
            _wake.Set();
        // Where some wait already, whoever sends them takes this one along.
        else if (first)
            _services.Receipts.Add(this);
    }

    /// <summary>Likewise, for what has no receipt of its own.</summary>
    private void Settle(uint epoch, uint sequence)
    {
        lock (_lock)
            _settled++;
        _wake.Set();
    }

    /// <summary>Sends what there is on this thread, as far as the connection takes it at once.</summary>
    public void SendReceipts() => _wake.SetHere();
}
