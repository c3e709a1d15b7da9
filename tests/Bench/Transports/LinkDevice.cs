using System.Net.WebSockets;
using IoTGateway.Protocol;

namespace IoTGateway.Bench.Transports;

/// <summary>Holds a WebSocket, sends each row as it comes, and answers each command at once.</summary>
internal sealed class LinkDevice(int port, string token, DeviceMessages messages, SocketCount count)
    : BenchDevice(messages, count)
{
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _buffer = new byte[ProtocolLimits.MessageBytes];
    private HttpMessageInvoker? _connection;

    protected override int Port => port;

    public override async Task OpenAsync()
    {
        _connection = new HttpMessageInvoker(Connection());
        _socket.Options.AddSubProtocol("iotgw.v1");
        _socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await _socket.ConnectAsync(new Uri($"wss://localhost:{port}/v1/link"), _connection, CancellationToken.None);
        await SendAsync(Messages.Hello());
        await ReceiveAsync(CancellationToken.None);
        await SendAsync(Messages.Catalog);
    }

    public override Task RunAsync(int rowsPerSecond, double phase, CancellationToken ending)
    {
        var telling =
            rowsPerSecond == 0
                ? Task.CompletedTask
                : EveryAsync(
                    TimeSpan.FromSeconds(1) / rowsPerSecond,
                    phase,
                    () => SendAsync(Messages.Telemetry(1)),
                    ending
                );
        return Task.WhenAll(telling, ListenAsync(ending));
    }

    public override ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _connection?.Dispose();
        _sending.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ListenAsync(CancellationToken ending)
    {
        try
        {
            while (!ending.IsCancellationRequested)
            {
                Messages.Hear((await ReceiveAsync(ending)).Span);
                foreach (var result in Messages.TakeResults())
                    await SendAsync(result);
            }
        }
        catch (Exception) when (ending.IsCancellationRequested)
        {
            // The run is over, and with it the connection.
        }
    }

    private async Task SendAsync(byte[] message)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The gateway never fragments.</summary>
    private async Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken ending)
    {
        var result = await _socket.ReceiveAsync(_buffer.AsMemory(), ending);
        return result.MessageType == WebSocketMessageType.Binary
            ? _buffer.AsMemory(0, result.Count)
            : throw new InvalidOperationException($"The gateway closed a link: {_socket.CloseStatus}");
    }
}
