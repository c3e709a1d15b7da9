using System.Buffers;
using System.IO.Pipelines;

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

    /// <summary>Written and not sent.</summary>
    public int Unsent => _end - _start;

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
        var sent = Unsent == 0 && IsReady && Connection.Failure is null ? Connection.Send(bytes.Span) : 0;
        var left = bytes[sent..];
        if (!left.IsEmpty)
        {
            left.CopyTo(Reserve(left.Length));
            Advance(left.Length);
        }
        return GetAsync(cancellationToken);
    }

    protected override bool TryGet(bool isCanceled, out FlushResult result)
    {
        while (true)
        {
            var isOver = Connection.Failure is not null;
            if (isOver || Unsent == 0)
                Release();
            if (isCanceled || isOver || Unsent == 0)
            {
                result = new FlushResult(isCanceled, isOver);
                return true;
            }
            if (!IsReady)
            {
                result = default;
                return false;
            }
            Send();
        }
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
