using System.IO.Pipes;

namespace IoTGateway.Sockets;

/// <summary>
/// A thread that waits for many connections at once, and serves each of which something has come: what waits for a read or
/// a write goes on here, up to its next wait.
/// </summary>
internal sealed class SocketLoop : IDisposable
{
    private const long StopKey = -1;
    private const int FirstConnections = 1_024;

    [ThreadStatic]
    private static SocketLoop? s_current;

    private readonly Epoll _epoll = new();
    private readonly AnonymousPipeServerStream _stop = new(PipeDirection.In);
    private readonly Lock _growing = new();
    private readonly Queue<SocketReading> _again = new();
    private long _added;

    /// <summary>By the number of the system's handle.</summary>
    private SocketConnection?[] _connections = new SocketConnection?[FirstConnections];

    public SocketLoop(int number)
    {
        _epoll.Watch(_stop.SafePipeHandle, Readiness.Readable, StopKey);
        new Thread(Run) { IsBackground = true, Name = $"sockets {number}" }.Start();
    }

    /// <summary>Whether the caller runs on this loop's thread.</summary>
    public bool IsCurrent => s_current == this;

    public void Add(SocketConnection connection)
    {
        var number = Number(connection);
        lock (_growing)
        {
            if (number >= _connections.Length)
                Array.Resize(ref _connections, Math.Max(number + 1, _connections.Length * 2));
            // What was told of one before it was closed is not for the next of its number.
            connection.Key = (++_added << 32) | (uint)number;
            _connections[number] = connection;
        }
        _epoll.Watch(
            connection.Handle,
            Readiness.Readable | Readiness.Writable | Readiness.PeerDone | Readiness.OnChange,
            connection.Key
        );
    }

    /// <summary>Before its socket is closed: the system gives the number to the next.</summary>
    public void Remove(SocketConnection connection)
    {
        lock (_growing)
            _connections[Number(connection)] = null;
    }

    /// <summary>Has the others served before <paramref name="reading"/> goes on. On this loop's own thread.</summary>
    public void Queue(SocketReading reading) => _again.Enqueue(reading);

    /// <summary>Whoever calls may run on the loop's own thread, so nobody waits for its end.</summary>
    public void Dispose() => _stop.DisposeLocalCopyOfClientHandle();

    private void Run()
    {
        s_current = this;
        while (true)
        {
            var count = _epoll.Wait(isPatient: _again.Count == 0);
            for (var i = 0; i < count; i++)
            {
                var (readiness, key) = _epoll.Read(i);
                if (key == StopKey)
                {
                    _stop.Dispose();
                    _epoll.Dispose();
                    return;
                }
                // One that has just been closed is not there any more.
                if (Volatile.Read(ref _connections)[(int)key] is { } connection && connection.Key == key)
                    connection.Changed(readiness);
            }
            for (var left = _again.Count; left > 0; left--)
                _again.Dequeue().Changed();
        }
    }

    private static int Number(SocketConnection connection) => (int)connection.Handle.DangerousGetHandle();
}
