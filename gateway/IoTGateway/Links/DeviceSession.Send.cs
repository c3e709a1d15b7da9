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

    /// <summary>A token taken back ends its link within a second, even where the peer neither reads nor answers.</summary>
    private static readonly TimeSpan RevokedGrace = TimeSpan.FromMilliseconds(700);

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _queue = new();
    private readonly List<Ack> _acks = [];
    private readonly AsyncSignal _wake = new();
    private readonly WireWriter _writer = new(64);
    private readonly CancellationTokenSource _sendDeadline;
    private LinkEnd? _closing;
    private ITimer? _cutTimer;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Largest message the device takes, as its HELLO said.</summary>
    public int MaxMessageBytes { get; set; } = ProtocolLimits.MessageBytes;

    /// <summary>A command as it goes out.</summary>
    public byte[] Encode(Command command)
    {
        var writer = new WireWriter();
        _dialect.Write(writer, command);
        return writer.ToArray();
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
        {
            if (_closing is not null)
                return;
            _closing = end;
            if (end == LinkEnd.Revoked)
                _cutTimer = _services.Time.CreateTimer(
                    static session => ((DeviceSession)session!)._socket.Abort(), // the state given here
                    this,
                    RevokedGrace,
                    Timeout.InfiniteTimeSpan
                );
        }
        _wake.Set();
    }

    private bool IsClosing
    {
        get
        {
            lock (_lock)
                return _closing is not null;
        }
    }

    private void Enqueue(Action<WireWriter> write)
    {
        var writer = new WireWriter();
        write(writer);
        Send(writer.ToArray());
    }

    /// <summary>Queues a whole message.</summary>
    public void Send(byte[] message)
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
        var parted = false;
        try
        {
            while (await SendQueuedAsync())
                await _wake.WaitAsync();
            parted = await SendCloseAsync();
        }
        catch (Exception e)
            when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            Close(LinkEnd.Cut);
        }
        finally
        {
            // Wakes a reader that waits for the peer, or for room in the journal.
            await _stop.CancelAsync();
            // It resets the connection: a close frame still on its way would be lost.
            if (!parted)
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

    /// <summary>Sends the close frame and waits for the peer's.</summary>
    /// <returns>False where there is nobody left to part from.</returns>
    private async Task<bool> SendCloseAsync()
    {
        // Set, or SendQueuedAsync would still be running.
        if (_closing!.Value.CloseCode() is not { } code)
            return false;
        using var deadline = new CancellationTokenSource(CloseGrace, _services.Time);
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            // The platform has answered bytes that are not WebSocket with a close frame of its own, and reads no more.
            // Ending now would reset the connection before the frame has arrived.
            await _gone.Task.WaitAsync(deadline.Token);
            return true;
        }
        await _socket.CloseOutputAsync(code, _closing.ToString(), deadline.Token);
        await _readingEnded.Task.WaitAsync(deadline.Token);
        return true;
    }
}
