using System.Net.Sockets;

namespace IoTGateway.Tests.Servers;

/// <summary>
/// Connections that take in little of what nobody reads: the system would otherwise let a socket grow to many megabytes,
/// and a reader that reads nothing would not be noticed for as long.
/// </summary>
internal static class SmallSockets
{
    private const int ReceiveBytes = 32 * 1024;

    public static SocketsHttpHandler Handler() =>
        new()
        {
            ConnectCallback = (context, cancellationToken) =>
                SocketStream.ConnectAsync(
                    new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = ReceiveBytes },
                    context.DnsEndPoint,
                    cancellationToken
                ),
        };
}
