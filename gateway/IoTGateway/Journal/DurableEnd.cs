namespace IoTGateway.Journal;

/// <summary>How far the journal is on disk; readers wait here for more.</summary>
internal sealed class DurableEnd(long value)
{
    private readonly Lock _lock = new();
    private long _value = value;
    private TaskCompletionSource? _moved;
    private bool _closed;

    public long Value => Volatile.Read(ref _value);

    public void MoveTo(long value)
    {
        TaskCompletionSource? moved;
        lock (_lock)
        {
            Volatile.Write(ref _value, value);
            moved = _moved;
            _moved = null;
        }
        moved?.SetResult();
    }

    public async ValueTask WaitBeyondAsync(long position, CancellationToken cancel)
    {
        while (Value <= position)
        {
            Task moved;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_closed, typeof(TelemetryJournal));
                if (_value > position)
                    return;
                _moved ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                moved = _moved.Task;
            }
            await moved.WaitAsync(cancel);
        }
    }

    /// <summary>Whoever waits learns that nothing more will come.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
        MoveTo(Value);
    }
}
