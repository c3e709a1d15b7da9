using System.Net.WebSockets;
using System.Text;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Tests.Gateway;

/// <summary>A device on the stock WebSocket client; the messages are the codec's.</summary>
internal sealed class LinkClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly WireWriter _writer = new();

    /// <summary>What HELLO was answered.</summary>
    public Welcome Welcome { get; private set; }

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>Connects, and nothing more.</summary>
    public static async Task<LinkClient> ConnectAsync(
        TestGateway gateway,
        string token,
        bool tls = false,
        string subprotocol = "iotgw.v1"
    )
    {
        var client = new LinkClient();
        client._socket.Options.AddSubProtocol(subprotocol);
        client._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        var url = new UriBuilder(tls ? gateway.Https : gateway.Http)
        {
            Scheme = tls ? "wss" : "ws",
            Host = "localhost",
            Path = "/v1/link",
        };
        using var handler = new SocketsHttpHandler { SslOptions = gateway.TrustingCa() };
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        if (!tls)
            url.Host = "127.0.0.1";
        await client._socket.ConnectAsync(url.Uri, invoker, Patience.Token());
        return client;
    }

    /// <summary>Connects, says HELLO, and sends its catalog where it is asked for.</summary>
    public static async Task<LinkClient> OpenAsync(
        TestGateway gateway,
        string token,
        uint epoch = 1,
        bool tls = false,
        ushort maxMessageBytes = 4096
    )
    {
        var client = await ConnectAsync(gateway, token, tls);
        await client.HelloAsync(House.Hello(epoch) with { MaxMessageBytes = maxMessageBytes });
        if (client.Welcome.SendCatalog)
            await client.SendAsync(House.Catalog.Write);
        return client;
    }

    public async Task HelloAsync(Hello hello)
    {
        await SendAsync(hello.Write);
        var message = await ReceiveAsync();
        Assert.True(Welcome.TryRead(message, out var welcome, out var error), error.ToString());
        Welcome = welcome;
    }

    public async Task SendAsync(Action<WireWriter> write)
    {
        _writer.Clear();
        write(_writer);
        await SendAsync(_writer.WrittenMemory);
    }

    public async Task SendAsync(ReadOnlyMemory<byte> message, bool endOfMessage = true) =>
        await _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage, Patience.Token());

    public async Task SendTextAsync(string text) =>
        await _socket.SendAsync(
            Encoding.UTF8.GetBytes(text).AsMemory(),
            WebSocketMessageType.Text,
            WebSocketMessageFlags.EndOfMessage,
            Patience.Token()
        );

    /// <summary>The next message; fails where the link is closed instead.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        var message = await TryReceiveAsync();
        Assert.True(message is not null, $"The link was closed with {_socket.CloseStatus}.");
        return message;
    }

    public async Task<string> ReceiveTextAsync() => Encoding.UTF8.GetString(await ReceiveAsync());

    /// <summary>Reads receipts until one says this much.</summary>
    public async Task AcknowledgedAsync(uint epoch, uint sequence)
    {
        while (true)
        {
            var message = await ReceiveAsync();
            Assert.True(Ack.TryRead(message, out var ack, out _), $"0x{message[0]:X2} is no ACK.");
            Assert.Equal(epoch, ack.Epoch);
            Assert.True(ack.Sequence <= sequence, $"{ack.Sequence} was never sent.");
            if (ack.Sequence == sequence)
                return;
        }
    }

    /// <summary>Reads until the gateway closes.</summary>
    /// <returns>The close code.</returns>
    public async Task<int> ClosedAsync()
    {
        while (await TryReceiveAsync() is not null) { }
        return _socket.CloseStatus is { } status ? (int)status : 0;
    }

    public Task CloseAsync() => _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Patience.Token());

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte[]?> TryReceiveAsync()
    {
        var buffer = new byte[ProtocolLimits.MessageBytes * 4];
        var length = 0;
        while (true)
        {
            var result = await _socket.ReceiveAsync(buffer.AsMemory(length), Patience.Token());
            if (result.MessageType == WebSocketMessageType.Close)
                return null;
            length += result.Count;
            if (result.EndOfMessage)
                return buffer[..length];
        }
    }
}
