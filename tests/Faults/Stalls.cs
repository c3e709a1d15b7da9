using System.Diagnostics;

namespace IoTGateway.Faults;

/// <summary>
/// How long this machine keeps a timer waiting, at the worst. What is held to a moment is given this much more: a busy
/// machine is late with everything, and that is no fault of the gateway.
/// </summary>
internal sealed class Stalls : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _beating;
    private long _longestTicks;

    public Stalls() => _beating = Task.Run(BeatAsync);

    /// <summary>The longest since the last call.</summary>
    public TimeSpan Take() => TimeSpan.FromTicks(Interlocked.Exchange(ref _longestTicks, 0));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        _stop.Dispose();
    }

    private async Task BeatAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var watch = Stopwatch.StartNew();
            await Await.PassAsync(Beat);
            var late = (watch.Elapsed - Beat).Ticks;
            if (late > Volatile.Read(ref _longestTicks))
                Volatile.Write(ref _longestTicks, late);
        }
    }
}
