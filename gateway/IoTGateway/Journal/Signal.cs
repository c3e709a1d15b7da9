namespace IoTGateway.Journal;

/// <summary>Many set it, one awaits it; setting it twice is setting it once.</summary>
internal sealed class Signal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiter;
    private bool _set;

    public void Set()
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            waiter = _waiter;
            _waiter = null;
            _set = waiter is null;
        }
        waiter?.SetResult();
    }

    public Task WaitAsync()
    {
        lock (_lock)
        {
            if (!_set)
                return (_waiter = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            _set = false;
            return Task.CompletedTask;
        }
    }

    /// <summary>Returns when it is set or the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time)
    {
        await WaitAsync().WaitAsync(atMost, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
            _waiter = null; // a signal must not go to a wait that is over
    }
}
