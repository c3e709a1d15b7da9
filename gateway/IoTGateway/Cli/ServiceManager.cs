using System.Net.Sockets;
using System.Text;

namespace IoTGateway.Cli;

/// <summary>Tells systemd how far the gateway is (sd_notify(3)); does nothing where nobody asks.</summary>
internal static class ServiceManager
{
    private const string Variable = "NOTIFY_SOCKET";

    public static void Ready() => Notify("READY=1");

    public static void Stopping() => Notify("STOPPING=1");

    private static void Notify(string state)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // '@' stands for the zero byte of a name that is no file.
            socket.SendTo(
                Encoding.UTF8.GetBytes(state),
                new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path)
            );
        }
        catch (SocketException)
        {
            // Whoever asked has gone.
        }
    }
}
