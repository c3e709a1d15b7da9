using IoTGateway.Links.Frames;

namespace IoTGateway.Links;

/// <summary>Pings, theirs and ours. A link has no timer of its own for them: <see cref="LinkPulse"/> has one for all.</summary>
internal sealed partial class WebSocketLink
{
    private byte[]? _pong;
    private bool _isPingDue;

    // Of the pulse alone.
    private int _framesSeen;
    private long _quietSince;
    private bool _isPinged;
    private int _flushesSeen;
    private long _flushSince;

    /// <summary>
    /// Looks at what has come since the last look. Only whole frames count: whoever sends a byte now and then is silent.
    /// </summary>
    public void Beat(long timestamp)
    {
        LookAtFlush(timestamp);
        var frames = _frames.Frames;
        if (_quietSince == 0 || frames != _framesSeen)
        {
            (_framesSeen, _quietSince, _isPinged) = (frames, timestamp, false);
            return;
        }
        var periods = _services.Time.GetElapsedTime(_quietSince, timestamp).TotalSeconds / _services.Limits.PingSeconds;
        if (periods >= LinkPulse.SilentAfter)
        {
            Close(LinkEnd.Silent);
        }
        else if (periods >= LinkPulse.PingAfter && !_isPinged)
        {
            _isPinged = true;
            Volatile.Write(ref _isPingDue, true);
            _session.Wake();
        }
    }

    private void LookAtFlush(long timestamp)
    {
        var flushes = _flushes;
        var isUnderWay = (flushes & 1) != 0;
        if (!isUnderWay || flushes != _flushesSeen)
            (_flushesSeen, _flushSince) = (flushes, timestamp);
        else if (_services.Time.GetElapsedTime(_flushSince, timestamp) >= SendTimeout)
            _connection.Abort();
    }

    /// <summary>Only the last ping is answered, where several came before an answer could leave (RFC 6455, section 5.5.3).</summary>
    private ValueTask PingedAsync(byte[] payload)
    {
        Volatile.Write(ref _pong, payload);
        _session.Wake();
        return default;
    }

    private void WriteControl()
    {
        if (Interlocked.Exchange(ref _pong, null) is { } pong)
            _output.Write(FrameKind.Pong, pong);
        if (Interlocked.Exchange(ref _isPingDue, false))
            _output.Write(FrameKind.Ping, []);
    }
}
