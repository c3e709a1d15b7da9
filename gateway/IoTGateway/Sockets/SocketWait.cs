using System.Threading.Tasks.Sources;

namespace IoTGateway.Sockets;

/// <summary>
/// One direction of a connection: whoever uses it gets what there is at once, or goes on where the loop learns that there is
/// more. One user at a time.
/// </summary>
/// <param name="connection">Whose direction it is.</param>
/// <param name="isReady">Whether the socket is worth a try before anything was told of it.</param>
internal abstract class SocketWait<TResult>(SocketConnection connection, bool isReady) : IValueTaskSource<TResult>
{
    private const int Idle = 0;
    private const int Ready = 1;
    private const int Waiting = 2;

    private ManualResetValueTaskSourceCore<TResult> _source;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private int _state = isReady ? Ready : Idle;
    private volatile bool _isCanceled;

    /// <summary>Whether somebody waits.</summary>
    public bool IsWaiting => Volatile.Read(ref _state) == Waiting;

    protected SocketConnection Connection { get; } = connection;

    /// <summary>Whether the socket is worth a try.</summary>
    protected bool IsReady => Volatile.Read(ref _state) == Ready;

    /// <summary>The result, now or when there is one.</summary>
    public ValueTask<TResult> GetAsync(CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken;
        if (TryGet(out var result))
            return new(result);
        _source.Reset();
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(
                static wait => ((SocketWait<TResult>)wait!).Wake(), // the state given here
                this
            );
        if (!TryWait())
            Resume();
        return new(this, _source.Version);
    }

    /// <summary>The result, if there is one at once.</summary>
    public bool TryGetNow(out TResult result)
    {
        _cancellation = CancellationToken.None;
        return TryGet(out result);
    }

    /// <summary>On the loop's thread: the socket is worth a try, and whoever has waited for that goes on.</summary>
    public void Changed()
    {
        // Told of a write with each read, it mostly knows already.
        if (Volatile.Read(ref _state) != Ready && Interlocked.Exchange(ref _state, Ready) == Waiting)
            Resume();
    }

    /// <summary>Lets whoever waits look again, at once.</summary>
    public void Wake()
    {
        if (TryEndWait())
            Resume();
    }

    /// <summary>Whoever waits, or asks next, hears that it was cancelled.</summary>
    public void Cancel()
    {
        _isCanceled = true;
        Wake();
    }

    TResult IValueTaskSource<TResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<TResult>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _source.OnCompleted(continuation, state, token, flags);

    /// <summary>What there is, trying the socket while that <see cref="IsReady"/>.</summary>
    /// <param name="isCanceled">There is a result in any case, which says so.</param>
    /// <param name="result">What there is.</param>
    protected abstract bool TryGet(bool isCanceled, out TResult result);

    /// <summary>Before the socket is tried for the last time: what changes from now on makes it <see cref="IsReady"/>.</summary>
    protected void SetTried() => Interlocked.Exchange(ref _state, Idle);

    /// <summary>The socket may have more.</summary>
    protected void SetReady() => Interlocked.Exchange(ref _state, Ready);

    /// <summary>Waits for its turn, where others of the loop come first.</summary>
    /// <returns>Whether it does: then <see cref="Changed"/> is called when its turn has come.</returns>
    protected virtual bool TryWaitForTurn() => false;

    /// <summary>Waits for <see cref="Changed"/>, though the socket may be worth a try.</summary>
    protected void SetWaiting() => Interlocked.Exchange(ref _state, Waiting);

    /// <returns>False where there is something to look at already.</returns>
    private bool TryWait()
    {
        if (TryWaitForTurn())
            return true;
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) != Idle)
            return false;
        // Whoever has said so in between saw nobody wait.
        var isOver = _isCanceled || Connection.Failure is not null || _cancellation.IsCancellationRequested;
        return !isOver || !TryEndWait();
    }

    private bool TryGet(out TResult result)
    {
        var isCanceled = _isCanceled;
        _isCanceled = false;
        if (!isCanceled)
            _cancellation.ThrowIfCancellationRequested();
        if (TryGet(isCanceled, out result))
            return true;
        if (isCanceled)
            _isCanceled = true;
        return false;
    }

    /// <summary>Ends the waiting, if somebody waits. Whoever has ended it has to <see cref="Resume"/>.</summary>
    protected bool TryEndWait() => Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting;

    /// <summary>For whoever has ended the waiting, and nobody else.</summary>
    protected void Resume()
    {
        TResult result;
        try
        {
            while (!TryGet(out result))
            {
                if (TryWait())
                    return;
            }
        }
        catch (Exception failure)
            when (failure is IOException or OperationCanceledException or InvalidOperationException)
        {
            _registration.Unregister();
            _source.SetException(failure);
            return;
        }
        _registration.Unregister();
        _source.SetResult(result);
    }
}
