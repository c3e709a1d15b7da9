namespace IoTGateway;

/// <summary>Wakes one waiting thread, any number of calls at once. For the few loops that have a thread of their own.</summary>
internal sealed class ThreadSignal
{
    private readonly object _lock = new();
    private bool _isSet;

    public void Set()
    {
        // What the caller has written before must be seen by whoever has just woken: it looks after it has reset the signal.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isSet))
            return;
        lock (_lock)
        {
            _isSet = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Returns at the next <see cref="Set"/>, or at once where one has come since the last wait.</summary>
    public void Wait()
    {
        lock (_lock)
        {
            while (!_isSet)
                Monitor.Wait(_lock);
            Volatile.Write(ref _isSet, false);
        }
    }

    /// <summary>Returns at the next <see cref="Set"/>, or when the time is over; now and then both count.</summary>
    public void Wait(TimeSpan atMost, TimeProvider time)
    {
        if (time != TimeProvider.System)
        {
            using var timer = time.CreateTimer(_ => Set(), null, atMost, Timeout.InfiniteTimeSpan);
            Wait();
            return;
        }
        // The system's own time needs no timer, whose thread would have to be woken as well.
        lock (_lock)
        {
            // The platform counts whole milliseconds, and what is less than one would be no wait at all.
            if (!_isSet)
                Monitor.Wait(_lock, (int)Math.Ceiling(atMost.TotalMilliseconds));
            Volatile.Write(ref _isSet, false);
        }
    }
}
