using System.IO.Pipes;

namespace IoTGateway.Sockets;

/// <summary>
/// A thread that waits for many connections at once, and serves each of which something has come: what waits for a read or
/// a write goes on here, up to its next wait. What several have brought is read in one call.
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
    private readonly Gathering _gathering = new();
    private readonly CallBatch? _reads = CallBatch.ForReads();
    private readonly SocketReading[] _readings = new SocketReading[CallBatch.Most];
    private long _added;
    private bool _isOver;

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
        SocketCalls.SetNonBlocking(connection.Handle);
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
        do
        {
            if (_gathering.IsOn && _again.Count == 0)
                SocketCalls.Sleep(Gathering.Moment);
            var count = _epoll.Wait(isPatient: _again.Count == 0);
            _gathering.Found(count, Environment.TickCount64);
            Serve(count);
            for (var left = _again.Count; left > 0; left--)
                _again.Dequeue().Changed();
        } while (!_isOver);
        _stop.Dispose();
        _epoll.Dispose();
        _reads?.Dispose();
    }

    private void Serve(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (readiness, key) = _epoll.Read(i);
            if (key == StopKey)
                _isOver = true;
            // One that has just been closed is not there any more.
            else if (Volatile.Read(ref _connections)[(int)key] is { } connection && connection.Key == key)
                Serve(connection, readiness, isAlone: count == 1);
        }
        ReadTogether();
    }

    private void Serve(SocketConnection connection, Readiness readiness, bool isAlone)
    {
        if (isAlone || _reads is null || connection.TryBeginReceive(readiness) is not { } reading)
        {
            connection.Changed(readiness);
            return;
        }
        _readings[_reads.Count] = reading;
        _reads.Add(connection.Handle);
        if (_reads.IsFull)
            ReadTogether();
    }

    private void ReadTogether()
    {
        if (_reads is not { Count: > 0 })
            return;
        _reads.Submit();
        for (var i = 0; i < _reads.Count; i++)
            _readings[i].EndReceive(_reads.RoomOf(i)[..Math.Max(0, _reads.ResultOf(i))]);
        _reads.Clear();
    }

    private static int Number(SocketConnection connection) => (int)connection.Handle.DangerousGetHandle();
}
