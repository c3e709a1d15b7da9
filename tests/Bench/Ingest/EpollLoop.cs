using System.Net;
using System.Net.Sockets;
using System.Text;
using IoTGateway.Links.Frames;
using IoTGateway.Sockets;

namespace IoTGateway.Bench.Ingest;

/// <summary>
/// A WebSocket server on the system's own calls and one thread: it waits for many links at once, reads what has come, and
/// tells the link how many messages that makes. It looks into none of them.
/// </summary>
internal static class EpollLoop
{
    /// <summary>Serves until the process is ended.</summary>
    public static void Run(int port)
    {
        using var epoll = new Epoll();
        var links = new List<EpollLink>();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(4_096);
        new Thread(() => Serve(epoll, links)) { IsBackground = true }.Start();
        while (true)
        {
            var socket = listener.Accept();
            // Whoever only looks whether the port is open says nothing.
            if (!TryShakeHands(socket))
            {
                socket.Dispose();
                continue;
            }
            socket.NoDelay = true;
            var link = new EpollLink(socket);
            lock (links)
                links.Add(link);
            epoll.Watch(socket.SafeHandle, Readiness.Readable | Readiness.OnChange, links.Count - 1);
        }
    }

    private static void Serve(Epoll epoll, List<EpollLink> links)
    {
        var bytes = new byte[64 * 1024];
        while (true)
        {
            var count = epoll.Wait(isPatient: true);
            for (var i = 0; i < count; i++)
            {
                EpollLink link;
                lock (links)
                    link = links[(int)epoll.Read(i).Key];
                Read(link, bytes);
            }
        }
    }

    private static void Read(EpollLink link, byte[] bytes)
    {
        var before = link.Messages;
        int length;
        while ((length = SocketCalls.Receive(link.Socket.SafeHandle, bytes, out _)) > 0)
            link.Count(bytes.AsSpan(0, length));
        if (link.Messages == before)
            return;
        var text = bytes.AsSpan(2);
        if (Encoding.ASCII.TryGetBytes($"{{\"ack\":{link.Messages}}}", text, out var size))
        {
            bytes[0] = 0x81;
            bytes[1] = (byte)size;
            SocketCalls.Send(link.Socket.SafeHandle, bytes.AsSpan(0, size + 2), out _);
        }
    }

    private static bool TryShakeHands(Socket socket)
    {
        var bytes = new byte[4_096];
        var length = 0;
        while (!bytes.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            var read = socket.Receive(bytes.AsSpan(length));
            if (read == 0)
                return false;
            length += read;
        }
        const string Name = "Sec-WebSocket-Key: ";
        var request = Encoding.ASCII.GetString(bytes, 0, length);
        var key = request[(request.IndexOf(Name, StringComparison.OrdinalIgnoreCase) + Name.Length)..].Split('\r')[0];
        var answer =
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {UpgradedConnection.Answer(key)}\r\n\r\n";
        socket.Send(Encoding.ASCII.GetBytes(answer));
        return true;
    }
}

/// <summary>A link of the loop: how many messages came whole.</summary>
internal sealed class EpollLink(Socket socket)
{
    private const int LongestHeader = 8;

    private readonly byte[] _header = new byte[LongestHeader];
    private int _headerBytes;
    private long _payloadLeft;

    public Socket Socket { get; } = socket;

    public long Messages { get; private set; }

    /// <summary>Takes what was read, wherever it was cut. Frames of clients: each is a message, and has a mask.</summary>
    public void Count(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_payloadLeft == 0 && !TryReadHeader(ref bytes))
                return;
            var taken = (int)Math.Min(_payloadLeft, bytes.Length);
            bytes = bytes[taken..];
            _payloadLeft -= taken;
            if (_payloadLeft == 0)
                Messages++;
        }
    }

    private bool TryReadHeader(ref ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _header[_headerBytes++] = bytes[0];
            bytes = bytes[1..];
            if (_headerBytes < 2)
                continue;
            var size = _header[1] & 0x7F;
            if (_headerBytes < (size == 126 ? 8 : 6))
                continue;
            _payloadLeft = size == 126 ? (_header[2] << 8) | _header[3] : size;
            _headerBytes = 0;
            return true;
        }
        return false;
    }
}
