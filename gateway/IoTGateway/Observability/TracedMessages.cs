using System.Diagnostics;

namespace IoTGateway.Observability;

/// <summary>The messages traced last, so that a sink which stores one later finds its trace. Past 1,024 the oldest go.</summary>
internal sealed class TracedMessages
{
    private const int Most = 1_024;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string, uint, uint), ActivityContext> _contexts = [];
    private readonly Queue<(string, uint, uint)> _order = new();

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _contexts.Count == 0;
        }
    }

    public void Add(string device, uint epoch, uint sequence, ActivityContext context)
    {
        var key = (device, epoch, sequence);
        lock (_lock)
        {
            if (!_contexts.TryAdd(key, context))
                return;
            _order.Enqueue(key);
            if (_order.Count > Most)
                _contexts.Remove(_order.Dequeue());
        }
    }

    public ActivityContext? Find(string device, uint epoch, uint sequence)
    {
        lock (_lock)
            return _contexts.TryGetValue((device, epoch, sequence), out var context) ? context : null;
    }
}
