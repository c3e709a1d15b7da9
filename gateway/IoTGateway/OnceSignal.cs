namespace IoTGateway;

/// <summary>
/// Something that happens once, and that hardly anybody waits for: what a waiter needs is made when there is one. A field
/// that is not read-only.
/// </summary>
internal struct OnceSignal
{
    private static readonly object Happened = new();

    // Null, a waiter's source, or Happened.
    private object? _state;

    public readonly bool IsSet => Volatile.Read(in _state) == Happened;

    public void Set() => (Interlocked.Exchange(ref _state, Happened) as TaskCompletionSource)?.TrySetResult();

    /// <summary>Completes when it has happened; any number may wait.</summary>
    public Task WaitAsync()
    {
        if (IsSet)
            return Task.CompletedTask;
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = Interlocked.CompareExchange(ref _state, source, null);
        return before switch
        {
            null => source.Task,
            TaskCompletionSource other => other.Task,
            _ => Task.CompletedTask,
        };
    }
}
