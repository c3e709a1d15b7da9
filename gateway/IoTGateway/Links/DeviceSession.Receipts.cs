using IoTGateway.Journal;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links;

/// <summary>From a message to its receipt: into the journal, and back once it is on disk.</summary>
internal sealed partial class DeviceSession
{
    private readonly Action<uint, uint> _acknowledge;
    private long _oldestUnacknowledged;

    /// <summary>
    /// Puts a message into the journal and waits while there is no room. A TELEMETRY's ACK follows once it is on disk; a
    /// message without a sequence has no receipt of its own.
    /// </summary>
    public ValueTask AppendAsync(JournalEntry entry, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (entry.Sequence == 0)
            return _services.Journal.AppendAsync(entry, message, acknowledge: null, cancellationToken);
        Interlocked.CompareExchange(ref _oldestUnacknowledged, _services.Time.GetTimestamp(), 0);
        return _services.Journal.AppendAsync(entry, message, _acknowledge, cancellationToken);
    }

    /// <summary>Called by the journal's writer after the fsync: never waits.</summary>
    private void Acknowledge(uint epoch, uint sequence)
    {
        var since = Interlocked.Exchange(ref _oldestUnacknowledged, 0);
        if (since != 0)
            _services.Metrics.Acknowledged(_services.Time.GetElapsedTime(since));
        Status.Acknowledged = new Ack(epoch, sequence);
        lock (_lock)
        {
            // Receipts are cumulative: a later one of the same epoch says all that an earlier one said.
            if (_acks.Count > 0 && _acks[^1].Epoch == epoch)
                _acks[^1] = new Ack(epoch, Math.Max(_acks[^1].Sequence, sequence));
            else
                _acks.Add(new Ack(epoch, sequence));
        }
        _wake.Set();
    }
}
