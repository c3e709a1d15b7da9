using System.Buffers;
using System.Net;
using System.Net.Sockets;
using IoTGateway.Links;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace IoTGateway.Sockets;

/// <summary>
/// What carries the platform's HTTP and TLS on Linux, in place of its own sockets. Those have two pipes and two loops for a
/// connection, and ask the system three or four times for a message; here it is once, and a quiet connection holds next to nothing.
/// </summary>
internal sealed class SocketTransport(
    ListenOptions listen,
    IMemoryPoolFactory<byte> pools,
    IOptions<SocketTransportOptions> options
) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private const int MostLoops = 16;

    private readonly Lazy<SocketLoop[]> _loops = new(() =>
    {
        var loops = new SocketLoop[Math.Clamp(Environment.ProcessorCount / 2, 1, MostLoops)];
        for (var i = 0; i < loops.Length; i++)
            loops[i] = new SocketLoop(i);
        return loops;
    });

    private readonly MemoryPool<byte> _memory = pools.Create(new MemoryPoolOptions { Owner = "gateway" });

    /// <summary>Where it cannot, the platform's own does.</summary>
    public bool CanBind(EndPoint endpoint) => Epoll.IsSupported && listen.Epoll && endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = Bind(endpoint);
        socket.Listen(options.Value.Backlog);
        return new(new SocketListener(socket, socket.LocalEndPoint ?? endpoint, _loops.Value, _memory));
    }

    public void Dispose()
    {
        if (_loops.IsValueCreated)
        {
            foreach (var loop in _loops.Value)
                loop.Dispose();
        }
        _memory.Dispose();
    }

    private static Socket Bind(EndPoint endpoint)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
    }
}
