using System.Buffers;
using System.IO.Pipelines;

namespace IoTGateway.Sockets;

/// <summary>
/// What a connection brings, straight from its socket: nothing is read before somebody asks for it, so what nobody takes
/// stays with the peer. It holds a buffer only while there is something in it.
/// </summary>
internal sealed class SocketReading(SocketConnection connection) : SocketWait<ReadResult>(connection, isReady: false)
{
    private const int FirstBytes = 4 * 1024;

    /// <summary>For whoever has filled the first.</summary>
    private const int ManyBytes = 32 * 1024;

    /// <summary>A read for less is not worth the call.</summary>
    private const int LeastBytes = 512;

    /// <summary>After so many reads without a wait the loop's other connections have their turn.</summary>
    private const int MostInTurn = 8;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _isExamined;
    private bool _isMany;
    private bool _isEnded;
    private int _turns;
    private volatile bool _isCompleted;

    private bool IsTurnOver => _turns >= MostInTurn && Connection.Loop.IsCurrent;

    /// <summary>Gives back what is consumed. What is not examined yet is there for the next read at once.</summary>
    public void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_buffer is null)
            return;
        var start = consumed.GetInteger();
        ArgumentOutOfRangeException.ThrowIfLessThan(start, _start, nameof(consumed));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, _end, nameof(consumed));
        _start = start;
        _isExamined = examined.GetInteger() == _end;
        if (_start == _end)
            Release();
    }

    /// <summary>Nobody reads any more. A buffer may be in use by a read under way: it is left to the collector.</summary>
    public void Complete() => _isCompleted = true;

    /// <summary>On the loop's thread: somebody waits, and gets with <see cref="EndReceive"/> what is read for him until then.</summary>
    public bool TryBeginReceive() => !_isMany && TryEndWait();

    /// <summary>Whoever has waited goes on.</summary>
    /// <param name="bytes">What has come; none where that is not known.</param>
    public void EndReceive(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            _turns++;
            bytes.CopyTo(MakeRoom(bytes.Length));
            Received(bytes.Length);
        }
        if (bytes.IsEmpty || bytes.Length == CallBatch.MostBytes)
            SetReady();
        Resume();
    }

    protected override bool TryGet(bool isCanceled, out ReadResult result)
    {
        while (true)
        {
            if (!isCanceled && Connection.Failure is { } failure)
                throw failure;
            if (_isCompleted)
                throw new InvalidOperationException("Nobody reads from this connection any more.");
            if (isCanceled || _isEnded || (_end > _start && !_isExamined))
            {
                var bytes = _buffer is null ? default : new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
                result = new ReadResult(bytes, isCanceled, _isEnded);
                return true;
            }
            if (!IsReady || IsTurnOver)
            {
                result = default;
                return false;
            }
            Receive();
        }
    }

    protected override bool TryWaitForTurn()
    {
        var isTurnOver = IsTurnOver;
        _turns = 0;
        if (!isTurnOver)
            return false;
        SetWaiting();
        Connection.Loop.Queue(this);
        return true;
    }

    private void Receive()
    {
        _turns++;
        var room = MakeRoom(LeastBytes);
        SetTried();
        var read = Connection.Receive(room, out _isEnded);
        if (read > 0)
        {
            Received(read);
            // The end of what a peer sends is told once, and may have been told with this.
            if (read == room.Length || Connection.IsPeerDone)
                SetReady();
        }
        else if (_start == _end)
            Release();
    }

    private void Received(int bytes)
    {
        _end += bytes;
        _isExamined = false;
        _isMany = bytes >= FirstBytes;
    }

    private Span<byte> MakeRoom(int bytes)
    {
        if (_buffer is null)
            _buffer = ArrayPool<byte>.Shared.Rent(_isMany ? ManyBytes : FirstBytes);
        else if (_buffer.Length - _end < bytes)
        {
            var before = _buffer;
            var left = before.AsSpan(_start, _end - _start);
            if (left.Length > before.Length / 2 || before.Length - left.Length < bytes)
                _buffer = ArrayPool<byte>.Shared.Rent(before.Length * 2);
            left.CopyTo(_buffer);
            if (_buffer != before)
                ArrayPool<byte>.Shared.Return(before);
            (_start, _end) = (0, left.Length);
        }
        return _buffer.AsSpan(_end);
    }

    private void Release()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (null, 0, 0);
    }
}
