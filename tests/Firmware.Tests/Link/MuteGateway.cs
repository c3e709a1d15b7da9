using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Firmware.Tests.Wire;

namespace Firmware.Tests.Link;

/// <summary>A gateway that says WELCOME and falls silent: not even a PING is answered, and no frame closes anything.</summary>
internal sealed class MuteGateway : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public MuteGateway() => _listener.Start();

    public Uri LinkUri => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1/link");

    public void Dispose() => _listener.Dispose();

    /// <summary>The next link, with WELCOME on its way.</summary>
    public async Task<MuteLink> WelcomeAsync()
    {
        var link = new MuteLink(await _listener.AcceptTcpClientAsync().WaitAsync(TestLink.Patience));
        await link.WelcomeAsync().WaitAsync(TestLink.Patience);
        return link;
    }
}

internal sealed class MuteLink(TcpClient tcp) : IDisposable
{
    private readonly NetworkStream _stream = tcp.GetStream();

    public void Dispose() => tcp.Dispose();

    /// <summary>RFC 6455, 4.2.2 and 5.2: the handshake, and one binary frame.</summary>
    public async Task WelcomeAsync()
    {
        var key = (await ReadHeadAsync())
            .Split("\r\n")
            .Single(line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase))[19..];
#pragma warning disable CA5350 // RFC 6455 says SHA-1, and hides nothing with it.
        var accept = SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        var welcome = GatewayBytes.Welcome(0, 4, wantsCatalog: false);
        await _stream.WriteAsync(
            (byte[])
                [
                    .. Encoding.ASCII.GetBytes(
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + $"Sec-WebSocket-Protocol: iotgw.v1\r\nSec-WebSocket-Accept: {Convert.ToBase64String(accept)}\r\n\r\n"
                    ),
                    0x82,
                    (byte)welcome.Length,
                    .. welcome,
                ]
        );
    }

    /// <summary>The machine at the other end has closed, and nothing that is WebSocket says so.</summary>
    public void EndStream()
    {
        try
        {
            tcp.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The device was faster.
        }
    }

    /// <summary>Completes when the device's end is gone.</summary>
    public async Task EndedAsync() => await ReadToEndAsync().WaitAsync(TestLink.Patience);

    private async Task ReadToEndAsync()
    {
        var buffer = new byte[1024];
        try
        {
            while (await _stream.ReadAsync(buffer) > 0) { }
        }
        catch (IOException)
        {
            // Reset, which is an end as well.
        }
    }

    private async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await _stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
