using System.Net;
using System.Net.Sockets;

namespace IoTGateway.Cli.Diagnosis;

/// <summary>Whether the gateway's name is known here, and whether anything listens there.</summary>
internal static class NetworkCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<Finding> NameAsync(string host, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host, out _))
            return Finding.Good("name", $"{host} is an address");
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, cancel);
            return Finding.Good("name", $"{host} is {string.Join(", ", found.Take(4).Select(one => one.ToString()))}");
        }
        catch (SocketException e)
        {
            return Finding.Bad(
                "name",
                $"{host} is not known here: {e.Message}",
                "Check its spelling; ask for it on this network's DNS server; or give the gateway's IP address instead."
            );
        }
    }

    /// <summary>Opens the connection that TLS and HTTP go over.</summary>
    /// <returns>What was found, and the connection where there is one.</returns>
    public static async Task<(Finding Finding, TcpClient? Connection)> ConnectAsync(
        Uri url,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var connection = new TcpClient();
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await connection.ConnectAsync(url.IdnHost, url.Port, both.Token);
            return (Finding.Good("tcp", $"port {url.Port} answers"), connection);
        }
        catch (SocketException e)
        {
            connection.Dispose();
            return (Refused(url, e), null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            connection.Dispose();
            return (
                Finding.Bad(
                    "tcp",
                    $"port {url.Port} of {url.Host} gives no answer in {Patience.TotalSeconds:0} s",
                    "Something on the way swallows it: look at the firewalls of this machine, the network and the gateway, and at the address."
                ),
                null
            );
        }
    }

    private static Finding Refused(Uri url, SocketException e) =>
        Finding.Bad(
            "tcp",
            $"port {url.Port} of {url.Host} cannot be opened: {e.Message}",
            "Does the gateway run there ('iotgw serve', 'systemctl status iotgw')? Its port for other machines is Listen:Https (8443), on the addresses of Listen:Address; Listen:Http (8080) is for its own machine alone."
        );
}
