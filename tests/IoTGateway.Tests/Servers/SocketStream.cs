using System.Net;
using System.Net.Sockets;

namespace IoTGateway.Tests.Servers;

/// <summary>For an HTTP handler that shall connect in a way of its own.</summary>
internal static class SocketStream
{
    /// <summary>Connects a socket, which is the stream's from then on; where nobody answers it is closed.</summary>
    public static async ValueTask<Stream> ConnectAsync(
        Socket socket,
        EndPoint endPoint,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
