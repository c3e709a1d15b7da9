namespace IoTGateway.Tests;

/// <summary>Time that moves only when a test says so. Timers fire inside <see cref="Advance"/>.</summary>
internal sealed class FakeTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _stepped;
    private TaskCompletionSource _armed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp()
    {
        lock (_lock)
            return (_now - _stepped).Ticks;
    }

    /// <summary>Somebody sets the wall clock: no time passes.</summary>
    public void Step(TimeSpan by)
    {
        lock (_lock)
        {
            _now += by;
            _stepped += by;
            foreach (var timer in _timers)
                timer.Step(by);
        }
    }

    /// <summary>Completes as soon as somebody waits for the time to pass.</summary>
    public Task TimerArmedAsync()
    {
        lock (_lock)
            return _timers.Count > 0 ? Task.CompletedTask : _armed.Task;
    }

    public void Advance(TimeSpan by)
    {
        List<FakeTimer> due;
        lock (_lock)
        {
            _now += by;
            due = [.. _timers.Where(timer => timer.Due <= _now).OrderBy(timer => timer.Due)];
            foreach (var timer in due)
                timer.Reschedule();
        }
        foreach (var timer in due)
            timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class FakeTimer(FakeTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                owner._timers.Remove(this);
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = owner._now + dueTime;
                owner._timers.Add(this);
                owner._armed.TrySetResult();
                owner._armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return true;
            }
        }

        public void Reschedule()
        {
            owner._timers.Remove(this);
            if (_period <= TimeSpan.Zero)
                return;
            Due = owner._now + _period;
            owner._timers.Add(this);
        }

        public void Step(TimeSpan by) => Due += by;

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (owner._lock)
                owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
