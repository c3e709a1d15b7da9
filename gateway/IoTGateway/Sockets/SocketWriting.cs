using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;

namespace IoTGateway.Sockets;

/// <summary>
/// What a connection takes, straight to its socket: a flush sends on the caller's own thread, and waits only while the peer
/// takes no more. It holds a buffer from the first byte written to the last one sent.
/// </summary>
internal sealed class SocketWriting(SocketConnection connection) : SocketWait<FlushResult>(connection, isReady: true)
{
    private const int FirstBytes = 4 * 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private int _isInRound;

    public SafeHandle Handle => Connection.Handle;

    /// <summary>Written and not sent.</summary>
    public int Unsent => _end - _start;

    private bool IsInRound => Volatile.Read(ref _isInRound) != 0;

    private bool IsForRound => SendRound.Current is not null && Unsent <= CallBatch.MostBytes;

    /// <summary>Room behind what is written, of <paramref name="bytes"/> at least.</summary>
    public Memory<byte> Reserve(int bytes)
    {
        if (_buffer is null)
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, bytes));
        else if (_buffer.Length - _end < Math.Max(1, bytes))
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _end + bytes));
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        return _buffer.AsMemory(_end);
    }

    /// <summary>So much was put into what was reserved.</summary>
    public void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (_buffer?.Length ?? 0) - _end);
        _end += bytes;
    }

    /// <summary>Sends what is written and then <paramref name="bytes"/>, which are copied only where the peer does not take them.</summary>
    public ValueTask<FlushResult> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var isAlone = Unsent == 0 && IsReady && Connection.Failure is null && SendRound.Current is null;
        var sent = isAlone ? Connection.Send(bytes.Span) : 0;
        var left = bytes[sent..];
        if (!left.IsEmpty)
        {
            left.CopyTo(Reserve(left.Length));
            Advance(left.Length);
        }
        return GetAsync(cancellationToken);
    }

    /// <summary>How much was sent of what the round took in.</summary>
    public void EndSend(int bytes)
    {
        _start += bytes;
        Interlocked.Exchange(ref _isInRound, 0);
        // The rest, if any, is tried at once.
        Changed();
    }

    /// <summary>Waits for the round that has begun on this thread, or that this is in.</summary>
    protected override bool TryWaitForTurn()
    {
        if (IsInRound)
        {
            SetWaiting();
            // Whoever ends the round saw nobody wait, if it was just now.
            if (IsInRound || !TryEndWait())
                return true;
            SetReady();
            return false;
        }
        if (!IsReady || !IsForRound)
            return false;
        Volatile.Write(ref _isInRound, 1);
        SetWaiting();
        SendRound.Current!.Add(this, _buffer.AsSpan(_start, Unsent));
        return true;
    }

    protected override bool TryGet(bool isCanceled, out FlushResult result)
    {
        while (!IsInRound)
        {
            var isOver = Connection.Failure is not null;
            if (isOver || Unsent == 0)
                Release();
            if (isCanceled || isOver || Unsent == 0)
            {
                result = new FlushResult(isCanceled, isOver);
                return true;
            }
            if (!IsReady || IsForRound)
                break;
            Send();
        }
        result = default;
        return false;
    }

    private void Send()
    {
        var unsent = _buffer.AsSpan(_start, Unsent);
        var sent = Connection.Send(unsent);
        if (sent == 0)
        {
            SetTried();
            // It may have taken something since, and told so before anybody wanted to hear of it.
            sent = Connection.Send(unsent);
            if (sent > 0)
                SetReady();
        }
        _start += sent;
    }

    private void Release()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (null, 0, 0);
    }
}
