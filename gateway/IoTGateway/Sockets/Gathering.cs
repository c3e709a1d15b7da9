namespace IoTGateway.Sockets;

/// <summary>
/// When a loop lets messages gather for a moment before it looks again, so that a look, and a call of the system, serves many.
/// Where few come that is in vain; where very many come, each look finds enough.
/// </summary>
internal sealed class Gathering
{
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>From so many in a moment on.</summary>
    private const int Few = 3;

    /// <summary>Up to so many: a thread that sleeps comes late where the cores are busy, and then that costs time and spares nothing.</summary>
    private const int Many = 14;

    /// <summary>Over which what comes is counted.</summary>
    private const int WindowMs = 32;

    /// <summary>Whoever says the next only when the last is answered says less for waiting: then it is left off for so long.</summary>
    private const int PauseMs = 256;

    private long _since;
    private long _pauseUntil;
    private int _found;
    private int _waits;
    private int _gathered;

    /// <summary>Whether to wait for <see cref="Moment"/> before the next look.</summary>
    public bool IsOn { get; private set; }

    /// <summary>A look has found this many.</summary>
    public void Found(int count, long nowMs)
    {
        _found += count;
        if (IsOn)
            (_waits, _gathered) = (_waits + 1, _gathered + count);
        var ms = nowMs - _since;
        if (ms < WindowMs)
            return;
        if (_gathered < 2 * _waits)
            _pauseUntil = nowMs + PauseMs;
        IsOn = _found >= Few * ms && _found <= Many * ms && nowMs >= _pauseUntil;
        (_since, _found, _waits, _gathered) = (nowMs, 0, 0, 0);
    }
}
