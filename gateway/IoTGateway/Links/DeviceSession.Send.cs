using System.Net.WebSockets;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links;

/// <summary>What goes out. Receipts merge while a send is under way; other messages queue, and the queue is bounded.</summary>
internal sealed partial class DeviceSession
{
    /// <summary>Past this many unsent messages the device is not reading, and the link ends.</summary>
    private const int MostQueued = 64;
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _queue = new();
    private readonly List<Ack> _acks = [];
    private readonly AsyncSignal _wake = new();
    private readonly WireWriter _writer = new(64);
    private readonly CancellationTokenSource _sendDeadline;
    private LinkEnd? _closing;

    /// <summary>Largest message the device takes, as its HELLO said.</summary>
    public int MaxMessageBytes { get; set; } = ProtocolLimits.MessageBytes;

    /// <summary>Sends a command; false where it is larger than the device takes.</summary>
    public bool TrySend(Command command)
    {
        var writer = new WireWriter();
        _dialect.Write(writer, command);
        if (writer.Length > MaxMessageBytes)
            return false;
        Enqueue(writer.ToArray());
        return true;
    }

    public void SendRefused(Refused refused, string reason) =>
        Enqueue(writer => _dialect.Write(writer, refused, reason));

    public void SendRetryAfter(uint milliseconds) =>
        Enqueue(writer => _dialect.Write(writer, new RetryAfter(milliseconds)));

    public void SendWelcome(Welcome welcome) => Enqueue(welcome.Write);

    /// <summary>Ends the link, for the first reason given; what is queued goes out before the close frame.</summary>
    public void Close(LinkEnd end)
    {
        lock (_lock)
            _closing ??= end;
        _wake.Set();
    }

    private void Enqueue(Action<WireWriter> write)
    {
        var writer = new WireWriter();
        write(writer);
        Enqueue(writer.ToArray());
    }

    private void Enqueue(byte[] message)
    {
        lock (_lock)
        {
            if (_queue.Count < MostQueued)
                _queue.Enqueue(message);
            else
                _closing ??= LinkEnd.Silent;
        }
        _wake.Set();
    }

    private async Task SendLoopAsync()
    {
        try
        {
            while (await SendQueuedAsync())
                await _wake.WaitAsync();
            await SendCloseAsync();
        }
        catch (Exception e)
            when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            Close(LinkEnd.Cut);
        }
        finally
        {
            // Wakes a reader that waits for the peer, or for room in the journal. After a whole closing handshake there is
            // none, and an abort would only tear away the close frame that is still on its way.
            await _stop.CancelAsync();
            if (_socket.State != WebSocketState.Closed)
                _socket.Abort();
        }
    }

    /// <summary>Sends all there is; false once the link shall be closed.</summary>
    private async Task<bool> SendQueuedAsync()
    {
        while (true)
        {
            lock (_lock)
            {
                _writer.Clear();
                if (_acks.Count > 0)
                    TakeAck();
                else if (_queue.TryDequeue(out var message))
                    _writer.Bytes(message);
                else
                    return _closing is null;
            }
            _sendDeadline.CancelAfter(SendTimeout);
            await _socket.SendAsync(
                _writer.WrittenMemory,
                _dialect.Kind,
                WebSocketMessageFlags.EndOfMessage,
                _sendDeadline.Token
            );
            _sendDeadline.TryReset();
        }
    }

    private void TakeAck()
    {
        _dialect.Write(_writer, _acks[0]);
        _acks.RemoveAt(0);
    }

    private async Task SendCloseAsync()
    {
        // Set, or SendQueuedAsync would still be running.
        if (
            _closing!.Value.CloseCode() is not { } code
            || _socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)
        )
            return;
        using var deadline = new CancellationTokenSource(CloseGrace, _services.Time);
        await _socket.CloseOutputAsync(code, _closing.ToString(), deadline.Token);
        await _readingEnded.Task.WaitAsync(deadline.Token);
        await DrainAsync(deadline.Token);
    }

    /// <summary>Where it was the reader that ended the link, somebody still has to wait for the peer's close frame.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        while (_socket.State == WebSocketState.CloseSent)
            await _socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
    }
}
