using System.Buffers;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace IoTGateway.Sockets;

/// <summary>Takes connections in, and gives each to one of the loops.</summary>
internal sealed class SocketListener(Socket socket, EndPoint endPoint, SocketLoop[] loops, MemoryPool<byte> memory)
    : IConnectionListener
{
    private uint _next;

    public EndPoint EndPoint { get; } = endPoint;

    /// <returns>Null when nobody listens any more.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                return Open(await socket.AcceptAsync(cancellationToken));
            }
            catch (Exception e)
                when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null;
            }
            catch (Win32Exception)
            {
                // Its peer has gone already, or the system can wait for no more: the next may fare better.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => DisposeAsync();

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return default;
    }

    private SocketConnection Open(Socket accepted)
    {
        try
        {
            accepted.NoDelay = true;
            var loop = loops[_next++ % loops.Length];
            var connection = new SocketConnection(accepted, loop, memory);
            loop.Add(connection);
            return connection;
        }
        catch
        {
            accepted.Dispose();
            throw;
        }
    }
}
