using System.Threading.Tasks.Sources;

namespace IoTGateway;

/// <summary>
/// Wakes one waiting loop, any number of calls at once, without allocating: a link waits here for most of its life.
/// </summary>
internal sealed class AsyncSignal : IValueTaskSource
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private bool _set;
    private bool _waiting;

    /// <summary>Completes at the next <see cref="Set"/>, or at once where one has come since the last wait. One waiter only.</summary>
    public ValueTask WaitAsync()
    {
        lock (_lock)
        {
            if (_set)
            {
                _set = false;
                return ValueTask.CompletedTask;
            }
            _core.Reset();
            _waiting = true;
            return new ValueTask(this, _core.Version);
        }
    }

    /// <summary>Completes at the next <see cref="Set()"/>, or when the time is over; now and then both count.</summary>
    public async ValueTask WaitAsync(TimeSpan atMost, TimeProvider time)
    {
        await using var timer = time.CreateTimer(_ => Set(), null, atMost, Timeout.InfiniteTimeSpan);
        await WaitAsync();
    }

    /// <summary>The loop goes on on another thread.</summary>
    public void Set() => Set(here: false);

    /// <summary>The loop goes on on this thread, inside this call: for a caller that holds no lock and has nothing more urgent.</summary>
    public void SetHere() => Set(here: true);

    private void Set(bool here)
    {
        lock (_lock)
        {
            _set = !_waiting;
            if (!_waiting)
                return;
            _waiting = false;
            _core.RunContinuationsAsynchronously = !here;
        }
        _core.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _core.OnCompleted(continuation, state, token, flags);
}
