using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using IoTGateway.Sockets;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Sockets;

/// <summary>A connection of a loop's, and the socket at its other end.</summary>
internal sealed class ConnectedPair : IAsyncDisposable
{
    private readonly SocketLoop _loop = new(0);
    private readonly SocketListener _listener;
    private readonly List<IAsyncDisposable> _more = [];

    private ConnectedPair(Socket listening) =>
        // It is bound.
        _listener = new SocketListener(listening, listening.LocalEndPoint!, [_loop], MemoryPool<byte>.Shared);

    public SocketConnection Connection { get; private set; } = null!; // by StartAsync

    public Socket Peer { get; private set; } = null!; // by StartAsync

    public PipeReader Input => Connection.Input;

    public PipeWriter Output => Connection.Output;

    public static async Task<ConnectedPair> StartAsync()
    {
        var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        var pair = new ConnectedPair(listening);
        (pair.Connection, pair.Peer) = await pair.ConnectAsync();
        return pair;
    }

    /// <summary>One more on the same loop.</summary>
    public async Task<(SocketConnection Connection, Socket Peer)> ConnectAsync()
    {
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(_listener.EndPoint, TestContext.Current.CancellationToken);
        var connection = (SocketConnection?)await _listener.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(connection);
        _more.Add(connection);
        _more.Add(new Ending(peer));
        return (connection, peer);
    }

    /// <summary>Completes when the connection says that it has ended.</summary>
    public async Task ClosedAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = Connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task.WaitAsync(Patience.Long, TestContext.Current.CancellationToken);
    }

    /// <summary>What comes to the peer, up to the end.</summary>
    public async Task<byte[]> PeerReadsToEndAsync()
    {
        using var all = new MemoryStream();
        await using var stream = new NetworkStream(Peer);
        await stream.CopyToAsync(all, TestContext.Current.CancellationToken);
        return all.ToArray();
    }

    /// <summary>The next read, all of it consumed.</summary>
    public async Task<byte[]> ReadAsync()
    {
        var result = await Input
            .ReadAsync(TestContext.Current.CancellationToken)
            .AsTask()
            .WaitAsync(Patience.Long, TestContext.Current.CancellationToken);
        var bytes = result.Buffer.ToArray();
        Input.AdvanceTo(result.Buffer.End);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var end in _more)
            await end.DisposeAsync();
        await _listener.DisposeAsync();
        _loop.Dispose();
    }

    private sealed class Ending(Socket socket) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return default;
        }
    }
}
