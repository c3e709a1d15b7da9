using System.Net;
using System.Net.Sockets;
using IoTGateway.Links;

namespace IoTGateway.Cli.Diagnosis;

/// <summary>Where no gateway runs on this machine: whether one could start.</summary>
internal static class PortCheck
{
    /// <summary>Looks at the ports that 'iotgw serve' would take with these settings.</summary>
    public static IEnumerable<Finding> Look(string dataFolder, ListenOptions listen)
    {
        yield return Finding.Bad(
            "gateway",
            $"none runs on the data folder {dataFolder}",
            "Start it with 'iotgw serve', or name another machine's: 'iotgw doctor https://gateway.example:8443'."
        );
        if (listen.Https > 0)
            yield return Look("Listen:Https", listen.Https, IPAddress.Any);
        if (listen.Http > 0)
            yield return Look("Listen:Http", listen.Http, IPAddress.Loopback);
    }

    private static Finding Look(string setting, int port, IPAddress address)
    {
        try
        {
            using var listener = new TcpListener(address, port) { ExclusiveAddressUse = true };
            listener.Start();
            return Finding.Good("port", $"{port} ({setting}) is free");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return Finding.Bad(
                "port",
                $"{port} ({setting}) is in use by another program",
                $"'ss -ltnp sport = :{port}' says which (on Windows 'netstat -ano'). End it, or start the gateway with --{setting}={port + 1000}."
            );
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            return Finding.Bad(
                "port",
                $"{port} ({setting}) may not be opened by this user",
                $"Ports below 1024 are the system's: start the gateway with --{setting}={port + 8000}."
            );
        }
    }
}
