using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text.Unicode;

namespace IoTGateway.Links.Frames;

/// <summary>
/// Collects one message at a time from the frames of a client (RFC 6455). Between messages it holds no buffer, and neither does
/// the connection.
/// </summary>
/// <param name="input">What comes after the handshake.</param>
/// <param name="maxBytes">Of a message.</param>
internal sealed class FrameReader(PipeReader input, int maxBytes) : IDisposable
{
    private const int FirstRent = 2048;

    private byte[] _buffer = [];
    private int _length;
    private byte[]? _ping;

    // Of the frame that is being read, so many bytes are to come, under this mask.
    private FrameHeader _frame;
    private long _left;
    private uint _mask;
    private bool _isInFrame;
    private bool _isInMessage;

    /// <summary>The message under way is over the limit or no text: it is passed over, and the close frame looked for.</summary>
    private bool _isPassing;

    /// <summary>What comes is no WebSocket: it is passed over to its end.</summary>
    private bool _isBroken;
    private int _frames;

    /// <summary>Kind of the message last read.</summary>
    public WebSocketMessageType Kind { get; private set; }

    /// <summary>The message last read; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.AsMemory(0, _length);

    /// <summary>Whole frames that have come, of any kind; it starts again at 0 some time.</summary>
    public int Frames => Volatile.Read(ref _frames);

    /// <summary>As the client's close frame said; null where it said none.</summary>
    public WebSocketCloseStatus? CloseStatus { get; private set; }

    /// <summary>Reads the next message. The end of the connection ends the waiting.</summary>
    /// <param name="pinged">Gets what a ping brought, which a pong shall bring back.</param>
    /// <returns>Null where there is one in <see cref="Message"/>; else how the link has ended.</returns>
    public async ValueTask<LinkEnd?> ReadAsync(Func<byte[], ValueTask> pinged)
    {
        try
        {
            LinkEnd? end;
            while (!TryTake(await MoreAsync(), out end))
            {
                if (TakePing() is { } ping)
                    await pinged(ping);
            }
            return end;
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            return LinkEnd.Cut;
        }
    }

    /// <summary>Gives the last message's buffer back, and waits for what comes.</summary>
    public ValueTask<ReadResult> MoreAsync()
    {
        if (!_isInMessage || _isPassing)
            Dispose();
        return input.ReadAsync(CancellationToken.None);
    }

    /// <summary>Takes what has come, up to the end of a message.</summary>
    /// <param name="result">Of <see cref="MoreAsync"/>.</param>
    /// <param name="end">As <see cref="ReadAsync"/> returns it.</param>
    /// <returns>False where more has to come; then <see cref="TakePing"/> may have something.</returns>
    public bool TryTake(ReadResult result, out LinkEnd? end)
    {
        var bytes = result.Buffer;
        var isHeard = Take(ref bytes, out end);
        input.AdvanceTo(bytes.Start, isHeard ? bytes.Start : bytes.End);
        if (_ping is not null)
            return false;
        if (!isHeard && result.IsCompleted)
            end = LinkEnd.Cut;
        return isHeard || result.IsCompleted;
    }

    /// <summary>What a ping brought, which a pong shall bring back; null where none came.</summary>
    public byte[]? TakePing()
    {
        var ping = _ping;
        _ping = null;
        return ping;
    }

    /// <summary>Whether the connection was reset, aborted, or let go of by the server.</summary>
    public static bool IsEnd(Exception failure) =>
        failure is IOException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Leaves the message to whoever has it still: its buffer is used for no other.</summary>
    public void LetGo() => (_buffer, _length) = ([], 0);

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        LetGo();
    }

    /// <summary>Takes what has come, up to the end of a message, or of anything else that the caller has to hear of.</summary>
    /// <returns>False where more has to come.</returns>
    private bool Take(ref ReadOnlySequence<byte> bytes, out LinkEnd? end)
    {
        end = null;
        while (!_isBroken)
        {
            if (!_isInFrame && !TryBegin(ref bytes, out end))
                return end is not null;
            // Set by what has just begun: its message is too large.
            if (end is not null)
                return true;
            if (_frame.Kind.IsControl())
            {
                if (bytes.Length < _left)
                    return false;
                if (TakeControl(ref bytes, out end))
                    return true;
                continue;
            }
            TakePayload(ref bytes);
            if (_left > 0)
                return false;
            _isInFrame = false;
            _frames++;
            if (_frame.IsFinal && IsMessage(out end))
                return true;
        }
        bytes = bytes.Slice(bytes.End);
        return false;
    }

    private bool TryBegin(ref ReadOnlySequence<byte> bytes, out LinkEnd? end)
    {
        end = null;
        if (!FrameHeader.TryRead(ref bytes, out var frame, out var isBroken))
        {
            if (isBroken)
                end = Break();
            return false;
        }
        if (!frame.Kind.IsControl())
        {
            if (frame.Kind == FrameKind.Continuation != _isInMessage)
            {
                end = Break();
                return false;
            }
            if (!_isInMessage)
                Kind = frame.Kind == FrameKind.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            _isInMessage = true;
            if (!_isPassing && frame.Length > maxBytes - _length)
            {
                _isPassing = true;
                end = LinkEnd.TooLarge;
            }
        }
        (_frame, _left, _mask, _isInFrame) = (frame, frame.Length, frame.Mask, true);
        return true;
    }

    private void TakePayload(ref ReadOnlySequence<byte> bytes)
    {
        var part = bytes.Slice(0, Math.Min(bytes.Length, _left));
        if (!_isPassing && part.Length > 0)
        {
            Grow((int)part.Length);
            foreach (var segment in part)
            {
                _mask = FrameMask.Copy(segment.Span, _buffer.AsSpan(_length), _mask);
                _length += segment.Length;
            }
        }
        _left -= part.Length;
        bytes = bytes.Slice(part.End);
    }

    /// <summary>The message has ended: whether it is one.</summary>
    private bool IsMessage(out LinkEnd? end)
    {
        end = null;
        _isInMessage = false;
        if (_isPassing)
            return false;
        if (Kind == WebSocketMessageType.Text && !Utf8.IsValid(Message.Span))
        {
            _isPassing = true;
            end = LinkEnd.BadUtf8;
        }
        return true;
    }

    /// <returns>Whether the caller has to hear of it.</returns>
    private bool TakeControl(ref ReadOnlySequence<byte> bytes, out LinkEnd? end)
    {
        end = null;
        Span<byte> payload = stackalloc byte[(int)_left];
        bytes.Slice(0, _left).CopyTo(payload);
        FrameMask.Copy(payload, payload, _mask);
        bytes = bytes.Slice(_left);
        _isInFrame = false;
        _frames++;
        switch (_frame.Kind)
        {
            case FrameKind.Ping:
                _ping = payload.ToArray();
                return true;
            case FrameKind.Close:
                end = Close(payload);
                return true;
            default:
                return false;
        }
    }

    private LinkEnd Close(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return LinkEnd.Closed;
        if (payload.Length == 1)
            return Break();
        int code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!IsSendable(code))
            return Break();
        CloseStatus = (WebSocketCloseStatus)code;
        return Utf8.IsValid(payload[2..]) ? LinkEnd.Closed : LinkEnd.BadUtf8;
    }

    /// <summary>RFC 6455, section 7.4, and the register that it founded.</summary>
    private static bool IsSendable(int code) =>
        code is >= 1000 and <= 1003 or >= 1007 and <= 1014 or >= 3000 and <= 4999;

    private LinkEnd Break()
    {
        _isBroken = true;
        return LinkEnd.ProtocolError;
    }

    /// <summary>Only by what has come: nobody is given memory for having announced a message.</summary>
    private void Grow(int bytes)
    {
        var needed = _length + bytes;
        if (needed <= _buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(
            Math.Min(Math.Max(Math.Max(FirstRent, _length * 2), needed), maxBytes)
        );
        Message.CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
