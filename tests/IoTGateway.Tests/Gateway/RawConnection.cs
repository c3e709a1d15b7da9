using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace IoTGateway.Tests.Gateway;

/// <summary>TCP or TLS, and nothing above it: for requests and frames that no library would send.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly Stream _stream;

    private RawConnection(TcpClient tcp, Stream stream)
    {
        _tcp = tcp;
        _stream = stream;
    }

    public static async Task<RawConnection> OpenAsync(
        TestGateway gateway,
        bool tls = false,
        SslProtocols protocols = SslProtocols.None
    )
    {
        var plain = await OpenTcpAsync(tls ? gateway.Https.Port : gateway.Http.Port);
        if (!tls)
            return plain;
        var stream = new SslStream(plain._stream);
        var options = gateway.TrustingCa();
        options.EnabledSslProtocols = protocols;
        await stream.AuthenticateAsClientAsync(options, Patience.Token());
        return new RawConnection(plain._tcp, stream);
    }

    public static async Task<RawConnection> OpenTcpAsync(int port)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port, Patience.Token());
        return new RawConnection(tcp, tcp.GetStream());
    }

    /// <summary>A link after its 101.</summary>
    public static async Task<RawConnection> OpenLinkAsync(
        TestGateway gateway,
        string token,
        bool tls = false,
        string subprotocol = "iotgw.v1"
    )
    {
        var connection = await OpenAsync(gateway, tls);
        var response = await connection.AskAsync(RawRequest.Link(token).With("Sec-WebSocket-Protocol", subprotocol));
        Assert.Equal(101, response.Status);
        return connection;
    }

    public SslProtocols TlsVersion => ((SslStream)_stream).SslProtocol;

    public ValueTask SendAsync(byte[] bytes) => _stream.WriteAsync(bytes, Patience.Token());

    public ValueTask SendAsync(RawFrame frame) => SendAsync(frame.ToBytes());

    public async Task<RawResponse> AskAsync(RawRequest request)
    {
        await SendAsync(Encoding.ASCII.GetBytes(request.ToString()));
        return await RawResponse.ReadAsync(_stream, Patience.Token());
    }

    /// <summary>The status of the answer to what was sent before.</summary>
    public async Task<int> StatusAsync() => (await RawResponse.ReadAsync(_stream, Patience.Token())).Status;

    /// <summary>The next frame; a ping is a frame like any other, and nobody answers it.</summary>
    public async Task<RawFrame> ReadFrameAsync()
    {
        var head = await ReadAsync(2);
        var length = head[1] & 0x7F;
        if (length == 126)
            length = BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2));
        else if (length == 127)
            length = (int)BinaryPrimitives.ReadUInt64BigEndian(await ReadAsync(8));
        return new RawFrame((head[0] & 0x80) != 0, (byte)(head[0] & 0x0F), await ReadAsync(length));
    }

    /// <summary>The next message; pings before it are passed over.</summary>
    public async Task<byte[]> ReadMessageAsync()
    {
        while (true)
        {
            var frame = await ReadFrameAsync();
            if (frame.Opcode is RawFrame.Binary or RawFrame.Text)
                return frame.Payload;
            Assert.Equal(RawFrame.Ping, frame.Opcode);
        }
    }

    /// <summary>Reads until the close frame, and goes.</summary>
    /// <returns>Its code.</returns>
    public async Task<int> ReadCloseAsync(bool andGo = true)
    {
        while (true)
        {
            var frame = await ReadFrameAsync();
            if (frame.Opcode != RawFrame.Close)
                continue;
            if (andGo)
                _tcp.Client.Shutdown(SocketShutdown.Send);
            return frame.CloseCode;
        }
    }

    /// <summary>Reads until the other side has gone, whether it says so or not.</summary>
    public async Task ReadToEndAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (await _stream.ReadAsync(buffer, Patience.Token()) > 0) { }
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }
    }

    /// <summary>Ends without a word: a reset, as when a device loses its power and its router forgets it.</summary>
    public void Cut()
    {
        _tcp.Client.LingerState = new LingerOption(true, 0);
        _tcp.Client.Close();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, Patience.Token());
        return bytes;
    }
}
