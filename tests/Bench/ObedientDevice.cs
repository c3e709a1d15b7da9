using System.Net.WebSockets;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Bench;

/// <summary>A device that answers each command at once and does nothing else: what is measured is the gateway.</summary>
internal sealed class ObedientDevice : IAsyncDisposable
{
    private static readonly Catalog Catalog = new([], [new CommandDescription("echo", "")]);

    private readonly ClientWebSocket _socket = new();
    private readonly WireWriter _writer = new();
    private Task _answering = Task.CompletedTask;

    /// <summary>Connects and introduces itself; from then on it answers.</summary>
    public static async Task<ObedientDevice> StartAsync(Uri link, string token)
    {
        var device = new ObedientDevice();
        device._socket.Options.AddSubProtocol("iotgw.v1");
        device._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await device._socket.ConnectAsync(link, CancellationToken.None);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var catalog = new WireWriter();
        Catalog.Write(catalog);
        var hello = new Hello(
            1,
            ClockKind.Unix,
            (ulong)now,
            Catalog.HashOf(catalog.Written),
            4096,
            "bench 1.0",
            "bench",
            0
        );
        await device.SendAsync(hello.Write);
        await device.ReceiveAsync();
        await device.SendAsync(Catalog.Write);
        device._answering = device.AnswerAsync();
        return device;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _answering;
        _socket.Dispose();
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var message = await ReceiveAsync();
                if (Command.TryRead(message.Span, out var command, out _))
                    await SendAsync(new CommandResult(command.Id, CommandOutcome.Succeeded, command.Json).Write);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    private async Task SendAsync(Action<WireWriter> write)
    {
        _writer.Clear();
        write(_writer);
        await _socket.SendAsync(_writer.WrittenMemory, WebSocketMessageType.Binary, true, CancellationToken.None);
    }

    private readonly byte[] _buffer = new byte[ProtocolLimits.MessageBytes];

    /// <summary>The gateway never fragments.</summary>
    private async Task<ReadOnlyMemory<byte>> ReceiveAsync()
    {
        var result = await _socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None);
        return _buffer.AsMemory(0, result.Count);
    }
}
