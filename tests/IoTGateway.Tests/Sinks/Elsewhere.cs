using System.Net;
using System.Net.Sockets;
using IoTGateway.Sinks.Influx;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Sinks;

/// <summary>A server on loopback under the name of another machine: what a sink does over a network, without one.</summary>
internal static class Elsewhere
{
    /// <summary>An address that names another machine, and a handler that finds it here.</summary>
    public static (string Url, HttpMessageHandler Handler) Of(string url)
    {
        var here = new Uri(url);
        var handler = InfluxClient.CreateHandler();
        handler.ConnectCallback = (_, cancellationToken) =>
            SocketStream.ConnectAsync(
                new Socket(SocketType.Stream, ProtocolType.Tcp),
                new DnsEndPoint(here.Host, here.Port),
                cancellationToken
            );
        return (new UriBuilder(here) { Host = "influx.test" }.Uri.ToString(), handler);
    }
}
