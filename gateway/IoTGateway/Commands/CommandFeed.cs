using System.Collections.Immutable;

namespace IoTGateway.Commands;

/// <summary>Every change of a command, once it is on disk, to whoever watches: a waiting caller, a broker, the dashboard.</summary>
internal sealed class CommandFeed
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, ImmutableArray<CommandSubscription>> _byId = [];
    private ImmutableArray<CommandSubscription> _all = [];
    private bool _ended;

    /// <summary>Watches the commands of a device, or of all; dispose it to end.</summary>
    public CommandSubscription Subscribe(string? device = null)
    {
        CommandSubscription subscription = new(device, End);
        lock (_lock)
        {
            _all = _all.Add(subscription);
            if (_ended)
                subscription.Complete();
        }
        return subscription;

        void End(CommandSubscription ended)
        {
            lock (_lock)
                _all = _all.Remove(ended);
        }
    }

    /// <summary>Watches one command; dispose it to end.</summary>
    public CommandSubscription Subscribe(Guid id)
    {
        CommandSubscription subscription = new(null, End);
        lock (_lock)
        {
            _byId[id] = _byId.GetValueOrDefault(id, []).Add(subscription);
            if (_ended)
                subscription.Complete();
        }
        return subscription;

        void End(CommandSubscription ended)
        {
            lock (_lock)
            {
                var left = _byId[id].Remove(ended);
                if (left.IsEmpty)
                    _byId.Remove(id);
                else
                    _byId[id] = left;
            }
        }
    }

    /// <summary>Tells everybody who wants to know; waits for nobody.</summary>
    public void Publish(DeviceCommand command)
    {
        lock (_lock)
        {
            foreach (var subscription in _all)
                subscription.Publish(command);
            foreach (var subscription in _byId.GetValueOrDefault(command.Id, []))
                subscription.Publish(command);
        }
    }

    /// <summary>Nothing more will come.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _ended = true;
            foreach (var subscription in _all.Concat(_byId.Values.SelectMany(all => all)))
                subscription.Complete();
        }
    }
}
