using System.Buffers;
using System.Net.WebSockets;
using System.Text.Unicode;
using Microsoft.AspNetCore.Connections;

namespace IoTGateway.Links;

/// <summary>
/// Collects one message at a time from a WebSocket. Between messages it waits in a read of zero bytes, so that an idle
/// link holds no buffer.
/// </summary>
internal sealed class FrameReader(WebSocket socket, int maxBytes) : IDisposable
{
    private const int FirstRent = 2048;

    /// <summary>The platform checks text itself, and says no more about what it found than this.</summary>
    private static readonly string NothingSaid = new WebSocketException(WebSocketError.Faulted).Message;

    private byte[] _buffer = [];
    private int _length;
    private bool _isText;

    /// <summary>Kind of the message last read.</summary>
    public WebSocketMessageType Kind { get; private set; }

    /// <summary>The message last read; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.AsMemory(0, _length);

    /// <summary>Reads the next message. Aborting the socket ends the waiting; a token would cost each link a registration.</summary>
    /// <returns>Null where there is one in <see cref="Message"/>; else how the link has ended.</returns>
    public async ValueTask<LinkEnd?> ReadAsync()
    {
        Dispose();
        _isText = false;
        try
        {
            var result = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            while (!result.EndOfMessage && result.MessageType != WebSocketMessageType.Close)
            {
                if (_length > maxBytes)
                    return LinkEnd.TooLarge;
                _isText = result.MessageType == WebSocketMessageType.Text;
                Grow();
                result = await socket.ReceiveAsync(_buffer.AsMemory(_length), CancellationToken.None);
                _length += result.Count;
            }
            Kind = result.MessageType;
            if (Kind == WebSocketMessageType.Close)
                return LinkEnd.Closed;
            if (_length > maxBytes)
                return LinkEnd.TooLarge;
            return Kind == WebSocketMessageType.Text && !Utf8.IsValid(Message.Span) ? LinkEnd.BadUtf8 : null;
        }
        catch (Exception e)
            when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            return Explain(e);
        }
    }

    /// <summary>Leaves the message to whoever has it still: its buffer is used for no other.</summary>
    public void LetGo() => (_buffer, _length) = ([], 0);

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private LinkEnd Explain(Exception e) =>
        e switch
        {
            WebSocketException { WebSocketErrorCode: WebSocketError.Faulted, InnerException: null }
                when _isText && e.Message == NothingSaid => LinkEnd.BadUtf8,
            WebSocketException { WebSocketErrorCode: WebSocketError.Faulted, InnerException: null } =>
                LinkEnd.ProtocolError,
            WebSocketException
            {
                WebSocketErrorCode: WebSocketError.HeaderError or WebSocketError.InvalidMessageType
            } => LinkEnd.ProtocolError,
            OperationCanceledException { InnerException: { } cause } when IsMissingPong(cause) => LinkEnd.Silent,
            // Aborted on this side, and not by the link, or it would not be asked why: by the platform's ping.
            ConnectionAbortedException => LinkEnd.Silent,
            _ => LinkEnd.Cut,
        };

    /// <summary>The platform's ping got no answer in time: it ends the connection, and with it every read.</summary>
    private static bool IsMissingPong(Exception cause) =>
        cause is WebSocketException { WebSocketErrorCode: WebSocketError.Faulted }
        || (cause is AggregateException several && several.InnerExceptions.Any(IsMissingPong));

    private void Grow()
    {
        if (_length < _buffer.Length)
            return;
        // One byte more than allowed is enough to know that a message is too large.
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(FirstRent, _length * 2), maxBytes + 1));
        Message.CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
