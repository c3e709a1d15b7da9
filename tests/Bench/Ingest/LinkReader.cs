using System.IO.Pipes;
using IoTGateway.Sockets;

namespace IoTGateway.Bench.Ingest;

/// <summary>
/// One thread that reads what a server says to many links, as it comes. Devices are machines of their own: here each that woke
/// a thread of the pool would take the cores from the server, and wait for them itself, and both would count as the server's.
/// </summary>
internal sealed class LinkReader : IDisposable
{
    private const long StopKey = -1;

    private readonly Epoll _epoll = new();
    private readonly AnonymousPipeServerStream _stop = new(PipeDirection.In);
    private readonly LoadLink[] _links;
    private readonly Thread _thread;

    public LinkReader(IReadOnlyList<LoadLink> links)
    {
        _links = [.. links];
        _epoll.Watch(_stop.SafePipeHandle, Readiness.Readable, StopKey);
        for (var i = 0; i < _links.Length; i++)
            _epoll.Watch(_links[i].Handle, Readiness.Readable | Readiness.OnChange, i);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Before the links are closed.</summary>
    public void Dispose()
    {
        _stop.DisposeLocalCopyOfClientHandle();
        _thread.Join();
        _stop.Dispose();
        _epoll.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            var count = _epoll.Wait(isPatient: true);
            for (var i = 0; i < count; i++)
            {
                var key = _epoll.Read(i).Key;
                if (key == StopKey)
                    return;
                _links[key].TakeReceipts();
            }
        }
    }
}
