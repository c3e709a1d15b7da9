using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace IoTGateway.Sockets;

/// <summary>
/// A connection of a loop's, as the platform's HTTP and TLS know one. Of its end they learn by <see cref="ConnectionClosed"/>:
/// when the last byte of the peer was read, or there is none left to read; when it is reset; when it is aborted.
/// </summary>
internal sealed partial class SocketConnection : ConnectionContext, IDuplexPipe
{
    /// <summary>So much of what a peer has sent is passed over at the end: with bytes that nobody has read it would be reset.</summary>
    private const int MostUnread = 64 * 1024;

    private static long s_last;

    private readonly Socket _socket;
    private readonly SocketReading _reading;
    private readonly SocketWriting _writing;
    private readonly CancellationTokenSource _closed = new();
    private volatile Exception? _failure;
    private volatile bool _isPeerDone;
    private int _isSocketClosed;
    private string? _id;

    public SocketConnection(Socket socket, SocketLoop loop, MemoryPool<byte> memory)
    {
        _socket = socket;
        Loop = loop;
        MemoryPool = memory;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        _reading = new SocketReading(this);
        _writing = new SocketWriting(this);
        Input = new SocketInput(_reading);
        Output = new SocketOutput(_writing);
        Transport = this;
    }

    public SocketLoop Loop { get; }

    /// <summary>By which the loop knows it; the loop's own.</summary>
    public long Key { get; set; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>TLS puts its own here.</summary>
    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId
    {
        get => _id ??= Interlocked.Increment(ref s_last).ToString("x", null);
        set => _id = value;
    }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public SafeSocketHandle Handle => _socket.SafeHandle;

    /// <summary>Why neither direction can be used any more.</summary>
    public Exception? Failure => _failure;

    /// <summary>The peer has sent its last byte.</summary>
    public bool IsPeerDone => _isPeerDone;

    /// <summary>Reads what there is.</summary>
    /// <param name="room">Gets it.</param>
    /// <param name="isEnd">There is nothing, and nothing will come.</param>
    /// <returns>Bytes; 0 where there are none now.</returns>
    public int Receive(Span<byte> room, out bool isEnd)
    {
        isEnd = false;
        try
        {
            var read = SocketCalls.Receive(Handle, room, out var error);
            isEnd = read == 0;
            if (isEnd || (_isPeerDone && !Loop.IsCurrent && !HasUnread()))
                Tell();
            if (error is not (SocketError.Success or SocketError.WouldBlock))
                Fail(error);
            return Math.Max(0, read);
        }
        catch (ObjectDisposedException)
        {
            Fail(SocketError.OperationAborted);
            return 0;
        }
    }

    /// <summary>Sends what the peer takes.</summary>
    /// <returns>How much that is, in bytes.</returns>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var sent = SocketCalls.Send(Handle, bytes, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
                Fail(error);
            return Math.Max(0, sent);
        }
        catch (ObjectDisposedException)
        {
            Fail(SocketError.OperationAborted);
            return 0;
        }
    }

    /// <summary>On the loop's thread.</summary>
    public void Changed(Readiness readiness)
    {
        var isOver = (readiness & (Readiness.Failed | Readiness.HungUp)) != Readiness.None;
        if (isOver || (readiness & Readiness.PeerDone) != Readiness.None)
            _isPeerDone = true;
        if (isOver || (readiness & Readiness.Writable) != Readiness.None)
            _writing.Changed();
        if (_isPeerDone || (readiness & Readiness.Readable) != Readiness.None)
            _reading.Changed();
        // What has come with the end is dealt with before anybody hears of that.
        if (_isPeerDone && (isOver || !HasUnread()))
            Tell();
    }

    /// <summary>Likewise, where nothing has changed but that bytes have come: the loop can read them for whoever waits for them.</summary>
    /// <returns>Who is then to get them; null where <see cref="Changed"/> is to be told instead.</returns>
    public SocketReading? TryBeginReceive(Readiness readiness)
    {
        if ((readiness & ~Readiness.Writable) != Readiness.Readable || _isPeerDone || !_reading.TryBeginReceive())
            return null;
        if ((readiness & Readiness.Writable) != Readiness.None)
            _writing.Changed();
        return _reading;
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        Fail(abortReason);
        Close(isReset: true);
    }

    public override void Abort() => Abort(new ConnectionAbortedException());

    public override async ValueTask DisposeAsync()
    {
        _reading.Complete();
        if (_failure is null && _writing.Unsent > 0 && !_writing.IsWaiting)
            await _writing.GetAsync(CancellationToken.None);
        Close(isReset: false);
        Fail(new ConnectionAbortedException("The connection has ended."));
        await base.DisposeAsync();
    }

    private void Fail(SocketError error) =>
        Fail(
            error is SocketError.ConnectionReset or SocketError.Shutdown
                ? new ConnectionResetException("The peer has reset the connection.", new SocketException((int)error))
                : new IOException("The connection has failed.", new SocketException((int)error))
        );

    /// <summary>Ends both directions, for the first reason given.</summary>
    private void Fail(Exception failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is not null)
            return;
        Tell();
        // Whoever waits goes on, but not by the hand of somebody who may hold a lock.
        ThreadPool.UnsafeQueueUserWorkItem(
            static connection =>
            {
                connection._reading.Wake();
                connection._writing.Wake();
            },
            this,
            preferLocal: false
        );
    }

    /// <summary>Tells of the end, the first time, on another thread.</summary>
    private void Tell() => _ = _closed.CancelAsync();

    private bool HasUnread()
    {
        try
        {
            return _socket.Available > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void Close(bool isReset)
    {
        if (Interlocked.Exchange(ref _isSocketClosed, 1) != 0)
            return;
        Loop.Remove(this);
        if (isReset)
        {
            _socket.Close(timeout: 0);
            return;
        }
        Part();
        _socket.Dispose();
    }

    private void Part()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            Span<byte> unread = stackalloc byte[4 * 1024];
            for (var left = MostUnread; left > 0; left -= unread.Length)
            {
                if (SocketCalls.Receive(Handle, unread, out _) <= 0)
                    return;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Nobody is there to part from.
        }
    }
}
