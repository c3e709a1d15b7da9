using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using IoTGateway.Cli;
using Microsoft.AspNetCore.Hosting.Server;

namespace IoTGateway.Dashboard.Add;

/// <summary>Where a device finds this gateway.</summary>
internal static class DeviceAddress
{
    /// <summary>As the browser reaches the gateway, so will a device; where TLS is, if there is any.</summary>
    public static string Link(HttpRequest request, IServer server) =>
        Addresses.Of(server).Https is { } https
            ? $"wss://{HostOf(request.Host.Host, https)}:{https.Port}/v1/link"
            : $"ws://{request.Host}/v1/link";

    /// <summary>
    /// The link that signs in is one of loopback, where no board can come: where the gateway listens on all addresses
    /// (localhost stands for them), this machine's own is given.
    /// </summary>
    private static string HostOf(string asked, Uri https) =>
        https.Host == "localhost" && IsLoopback(asked) ? OwnAddress() ?? asked : asked;

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>The one by which this machine reaches others; null where it reaches none.</summary>
    private static string? OwnAddress() =>
        NetworkInterface
            .GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up)
            .Select(network => network.GetIPProperties())
            .Where(network => network.GatewayAddresses.Count > 0)
            .SelectMany(network => network.UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address =>
                address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)
            )
            ?.ToString();
}
