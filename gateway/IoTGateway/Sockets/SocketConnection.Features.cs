using System.Buffers;
using System.Collections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace IoTGateway.Sockets;

/// <summary>What the platform asks a connection for. Its own features are itself; the few that others add are in a list.</summary>
internal sealed partial class SocketConnection
    : IFeatureCollection,
        IConnectionIdFeature,
        IConnectionTransportFeature,
        IConnectionItemsFeature,
        IConnectionLifetimeFeature,
        IConnectionEndPointFeature,
        IMemoryPoolFeature
{
    private readonly List<KeyValuePair<Type, object>> _added = [];
    private IDictionary<object, object?>? _items;
    private int _revision;

    public override IFeatureCollection Features => this;

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new Dictionary<object, object?>();
        set => _items = value;
    }

    public MemoryPool<byte> MemoryPool { get; }

    bool IFeatureCollection.IsReadOnly => false;

    int IFeatureCollection.Revision => _revision;

    public object? this[Type key]
    {
        get
        {
            foreach (var (type, feature) in _added)
            {
                if (type == key)
                    return feature;
            }
            return key.IsInstanceOfType(this) ? this : null;
        }
        set
        {
            _revision++;
            _added.RemoveAll(added => added.Key == key);
            if (value is not null)
                _added.Add(new(key, value));
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _added.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
