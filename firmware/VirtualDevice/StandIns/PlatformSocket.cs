using System.Net.Http;
using System.Net.Sockets;
using Platform = System.Net.WebSockets;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>.NET's own WebSocket with a hand on its TCP socket, so that a power cut is a reset and not a polite close.</summary>
internal sealed class PlatformSocket : IDisposable
{
    private readonly SocketsHttpHandler _handler;
    private readonly HttpMessageInvoker _invoker;
    private readonly Radio _radio;
    private System.Net.Sockets.Socket? _tcp;

    private PlatformSocket(X509Certificate? root, Radio radio)
    {
        _radio = radio;
        _handler = new SocketsHttpHandler { ConnectCallback = ConnectTcpAsync, UseProxy = false };
        _handler.SslOptions = TlsTrust.Only(root);
        _invoker = new HttpMessageInvoker(_handler);
    }

    public Platform.ClientWebSocket WebSocket { get; } = new();

    public static async Task<PlatformSocket> ConnectAsync(
        Uri uri,
        ClientWebSocketHeaders? headers,
        ClientWebSocketOptions options,
        Radio radio,
        CancellationToken cancel
    )
    {
        var socket = new PlatformSocket(options.Certificate, radio);
        try
        {
            socket.Configure(uri, headers, options);
            await socket.WebSocket.ConnectAsync(uri, socket._invoker, cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Closes the connection without a close frame; what was written is still delivered.</summary>
    public void Abort()
    {
        try
        {
            _tcp?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other end was faster.
        }

        WebSocket.Abort();
    }

    /// <summary>The plug is pulled: RST, and nothing that was still buffered.</summary>
    public void Reset()
    {
        try
        {
            if (_tcp is not null)
                _tcp.LingerState = new LingerOption(enable: true, seconds: 0);
            _tcp?.Close();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already gone, which is all that was wanted.
        }

        WebSocket.Abort();
    }

    public void Dispose()
    {
        WebSocket.Dispose();
        _invoker.Dispose();
        _handler.Dispose();
        _tcp?.Dispose();
    }

    private void Configure(Uri uri, ClientWebSocketHeaders? headers, ClientWebSocketOptions options)
    {
        foreach (var key in headers?.Keys ?? [])
        {
            // .NET refuses a chosen subprotocol that it did not offer itself.
            if (key.Equals("Sec-WebSocket-Protocol", StringComparison.OrdinalIgnoreCase))
                WebSocket.Options.AddSubProtocol(headers![key]!); // both exist: the key came from Keys
            else
                WebSocket.Options.SetRequestHeader(key, headers![key]);
        }

        // As the original: the host without its port.
        WebSocket.Options.SetRequestHeader("Host", uri.Host);
        WebSocket.Options.KeepAliveInterval = options.KeepAliveInterval;
        WebSocket.Options.KeepAliveTimeout = options.ServerTimeout;
    }

    private async ValueTask<Stream> ConnectTcpAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        _tcp = new System.Net.Sockets.Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (_radio.State != RadioState.On)
            throw new SocketException((int)SocketError.NetworkUnreachable);
        await _tcp.ConnectAsync(context.DnsEndPoint, cancel);
        return new NetworkStream(_tcp, ownsSocket: true, _radio, CancellationToken.None);
    }
}
