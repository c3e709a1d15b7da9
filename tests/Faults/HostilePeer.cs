using System.Net.Sockets;
using System.Text;

namespace IoTGateway.Faults;

/// <summary>A peer that speaks TCP and does what no library would.</summary>
internal sealed class HostilePeer : IAsyncDisposable
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private const byte Close = 8;
    private const byte Ping = 9;
    private const byte Pong = 10;

    private readonly TcpClient _tcp;

    private HostilePeer(TcpClient tcp) => (_tcp, Stream) = (tcp, tcp.GetStream());

    /// <summary>Asked for while it was connected: a client that was reset gives none.</summary>
    public NetworkStream Stream { get; }

    public static async Task<HostilePeer> ConnectAsync(int port)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port);
        return new HostilePeer(tcp);
    }

    /// <summary>A link after its 101.</summary>
    public static async Task<HostilePeer> LinkAsync(int port, string token, string subprotocol = "iotgw.v1")
    {
        var peer = await ConnectAsync(port);
        var answer = await peer.ShakeHandsAsync(token, subprotocol);
        Assert.StartsWith("HTTP/1.1 101", answer, StringComparison.Ordinal);
        return peer;
    }

    /// <summary>As <see cref="LinkAsync"/>; where the gateway asks to come back later, it does.</summary>
    public static async Task<HostilePeer> PacedAsync(int port, string token)
    {
        while (true)
        {
            var peer = await ConnectAsync(port);
            var answer = await peer.ShakeHandsAsync(token, "iotgw.v1");
            if (answer.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
                return peer;
            await peer.DisposeAsync();
            Assert.StartsWith("HTTP/1.1 503", answer, StringComparison.Ordinal);
            var wait = answer.Split("\r\n").Single(line => line.StartsWith("Retry-After: ", StringComparison.Ordinal));
            await Await.PassAsync(TimeSpan.FromSeconds(int.Parse(wait.AsSpan(wait.IndexOf(' ')))));
        }
    }

    public static string Handshake(string token, string subprotocol = "iotgw.v1") =>
        "GET /v1/link HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Key}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n"
        + $"Authorization: Bearer {token}\r\n\r\n";

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => Stream.WriteAsync(bytes);

    /// <summary>A frame with a mask of zeros, or without any.</summary>
    public static byte[] Frame(byte opcode, ReadOnlySpan<byte> payload, bool masked = true)
    {
        var mask = masked ? 0x80 : 0;
        byte[] length =
            payload.Length < 126
                ? [(byte)(mask | payload.Length)]
                : [(byte)(mask | 126), (byte)(payload.Length >> 8), (byte)payload.Length];
        return [(byte)(0x80 | opcode), .. length, .. masked ? new byte[4] : [], .. payload];
    }

    /// <summary>Reads until the close frame.</summary>
    /// <returns>Its code; 0 where the connection ended without one.</returns>
    public async Task<int> CloseCodeAsync(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        try
        {
            while (true)
            {
                var (opcode, payload) = await ReadFrameAsync(patience.Token);
                if (opcode == Close)
                    return payload.Length < 2 ? 1005 : (payload[0] << 8) | payload[1];
            }
        }
        catch (Exception e) when (e is IOException or EndOfStreamException)
        {
            return 0;
        }
    }

    /// <summary>Sends a ping; true once its pong is there: whatever was sent before has been read.</summary>
    /// <returns>False where the link has ended instead.</returns>
    public async Task<bool> IsStillThereAsync(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await SendAsync(Frame(Ping, []));
            byte opcode;
            do (opcode, _) = await ReadFrameAsync(patience.Token);
            while (opcode is not (Pong or Close));
            return opcode == Pong;
        }
        catch (Exception e) when (e is IOException or EndOfStreamException)
        {
            return false;
        }
    }

    /// <summary>Reads until the other side has gone.</summary>
    public async Task UntilGoneAsync(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        var buffer = new byte[4096];
        try
        {
            while (await Stream.ReadAsync(buffer, patience.Token) > 0) { }
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }
    }

    public ValueTask DisposeAsync()
    {
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The head of the answer, and not a byte of what follows it.</summary>
    private async Task<string> ShakeHandsAsync(string token, string subprotocol)
    {
        await SendAsync(Encoding.ASCII.GetBytes(Handshake(token, subprotocol)));
        var head = new StringBuilder();
        var buffer = new byte[1024];
        for (var end = -1; end < 0; )
        {
            var seen = await _tcp.Client.ReceiveAsync(buffer.AsMemory(), SocketFlags.Peek);
            end = buffer.AsSpan(0, seen).IndexOf("\r\n\r\n"u8);
            head.Append(Encoding.ASCII.GetString(await ReadAsync(end < 0 ? Math.Max(1, seen - 3) : end + 4, default)));
        }
        return head.ToString();
    }

    private async Task<(byte Opcode, byte[] Payload)> ReadFrameAsync(CancellationToken cancellation)
    {
        var head = await ReadAsync(2, cancellation);
        var length = head[1] & 0x7F;
        if (length == 126)
        {
            var wide = await ReadAsync(2, cancellation);
            length = (wide[0] << 8) | wide[1];
        }
        return ((byte)(head[0] & 0x0F), await ReadAsync(length, cancellation));
    }

    private async Task<byte[]> ReadAsync(int count, CancellationToken cancellation)
    {
        var bytes = new byte[count];
        await Stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }
}
