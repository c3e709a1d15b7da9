using System.Net.Http;
using System.Security.Cryptography;
using System.Threading.Channels;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>
/// nanoFramework's System.Net.WebSockets.ClientWebSocket on .NET's, with those of its defects that change what the
/// firmware must do (listed in firmware/Device/Link/LinkCures.cs). Each of them has a test.
/// </summary>
internal sealed partial class ClientWebSocket(ClientWebSocketOptions? options = null) : IDisposable
{
    private readonly ClientWebSocketOptions _options = options ?? new ClientWebSocketOptions();

    // Unbounded, as the original's: the firmware's window must be what bounds it.
    private readonly Channel<ArraySegment<byte>> _sendQueue = Channel.CreateUnbounded<ArraySegment<byte>>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly CancellationTokenSource _stopped = new();
    private PlatformSocket? _platform;
    private bool _isSecure;
    private Machine? _machine;
    private long _nativeBytes;

    public event EventHandler? ConnectionClosed;

    public event MessageReceivedEventHandler? MessageReceived;

    public WebSocketState State { get; private set; } = WebSocketState.Closed;

    /// <summary>Blocks without a time limit, like the original; the machine's power ends it.</summary>
    public void Connect(string uri, ClientWebSocketHeaders? headers = null)
    {
        State = WebSocketState.Connecting;
        var machine = Machine.Current;
        try
        {
            // Blocking is the original's contract; the firmware calls this on a thread of its own.
            _platform = PlatformSocket
                .ConnectAsync(new Uri(uri), headers, _options, machine.Radio, machine.PowerOff)
                .GetAwaiter()
                .GetResult();
        }
        catch (OperationCanceledException)
        {
            State = WebSocketState.Closed;
            return;
        }
        catch (System.Net.WebSockets.WebSocketException e)
        {
            FailAsTheOriginal(e, uri);
            return;
        }

        State = WebSocketState.Open;
        _isSecure = uri.StartsWith("wss:", StringComparison.Ordinal);
        // The socket before this one has the same number, and its finalizer closes whatever bears it.
        if (_isSecure && machine.OldSocket != OldSocket.Gone)
            _platform.Reset();
        _machine = machine;
        if (_isSecure)
            Hold(Machine.TlsBytes);
        machine.Track(SendLoopAsync(_platform, machine));
        machine.Track(ReceiveLoopAsync(_platform, machine));
    }

    /// <summary>Queues, and masks the caller's array in place: it must not be read again.</summary>
    public bool SendBytes(byte[] data, int fragmentSize = -1) => Queue(data, isText: false);

    public bool SendString(string message, int fragmentSize = -1) =>
        Queue(System.Text.Encoding.UTF8.GetBytes(message), isText: true);

    /// <summary>Sends no close frame and lingers: the state changes, and nothing else.</summary>
    public void Close(WebSocketCloseStatus closeStatus, string? message)
    {
        if (State == WebSocketState.Open)
            State = WebSocketState.CloseSent;
    }

    public void Abort()
    {
        State = WebSocketState.Aborted;
        HardClose();
    }

    public void Dispose()
    {
        if (State != WebSocketState.Closed)
            HardClose();
    }

    private bool Queue(byte[] data, bool isText)
    {
        if (State != WebSocketState.Open)
            return false;

        var before = System.GC.GetAllocatedBytesForCurrentThread();
        var copy = new byte[data.Length + 1];
        copy[0] = isText ? (byte)1 : (byte)0;
        data.CopyTo(copy, 1);
        Span<byte> mask = stackalloc byte[4];
        RandomNumberGenerator.Fill(mask);
        for (var i = 0; i < data.Length; i++)
            data[i] ^= mask[i % 4];
        Hold(copy.Length);
        var queued = _sendQueue.Writer.TryWrite(copy);
        Machine.Current.ClientHeap.Sent(System.GC.GetAllocatedBytesForCurrentThread() - before);
        return queued;
    }

    /// <summary>Until it is sent, or the connection is over.</summary>
    private void Hold(long nativeBytes)
    {
        Interlocked.Add(ref _nativeBytes, nativeBytes);
        _machine?.Hold(nativeBytes);
    }

    private void HardClose()
    {
#pragma warning disable CA2201, MA0012 // The original dereferences a sender that only an open socket has.
        var platform = _platform ?? throw new NullReferenceException();
#pragma warning restore CA2201, MA0012
        State = WebSocketState.Closed;
        if (_isSecure)
            Machine.Current.OldSocket = OldSocket.Garbage;
        platform.Abort();
        _stopped.Cancel();
        ConnectionClosed?.Invoke(this, EventArgs.Empty);
    }

    private void FailAsTheOriginal(Exception e, string uri)
    {
        var cause = (e.InnerException as HttpRequestException)?.HttpRequestError;
        var missingRoot = _options.Certificate is null && uri.StartsWith("wss:", StringComparison.Ordinal);
        if (
            cause == HttpRequestError.ConnectionError
            || (cause == HttpRequestError.SecureConnectionError && missingRoot)
        )
        {
            // A refused port or a missing CA: no exception, and only the state tells.
            State = WebSocketState.Closed;
            return;
        }

#pragma warning disable CA2201 // The original throws exactly these, and says no more.
        if (cause is HttpRequestError.SecureConnectionError or HttpRequestError.NameResolutionError)
            throw new Exception("A TLS or name failure; State is left at Connecting", e);

        State = WebSocketState.Closed;
        throw new Exception("WebSocket did not receive right handshake");
#pragma warning restore CA2201
    }
}
