using System.Net.Sockets;
using IoTGateway.Sinks.Influx;

namespace IoTGateway.Tests.Sinks;

/// <summary>A server on loopback under the name of another machine: what a sink does over a network, without one.</summary>
internal static class Elsewhere
{
    /// <summary>An address that names another machine, and a handler that finds it here.</summary>
    public static (string Url, HttpMessageHandler Handler) Of(string url)
    {
        var here = new Uri(url);
        var handler = InfluxClient.CreateHandler();
        handler.ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(here.Host, here.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        return (new UriBuilder(here) { Host = "influx.test" }.Uri.ToString(), handler);
    }
}
