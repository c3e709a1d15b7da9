using System.Collections.Concurrent;
using System.Text.Json;

namespace IoTGateway.Bench.Transports;

/// <summary>When each command was asked for, and how long it took until the device had it.</summary>
internal sealed class CommandLog
{
    private readonly ConcurrentDictionary<int, long> _asked = new();
    private readonly ConcurrentQueue<double> _milliseconds = new();
    private int _next;
    private int _arrived;

    public int Arrived() => Volatile.Read(ref _arrived);

    /// <summary>The number of a command that is asked for now; its arguments are that.</summary>
    public int Ask()
    {
        var number = Interlocked.Increment(ref _next);
        _asked[number] = TimeProvider.System.GetTimestamp();
        return number;
    }

    /// <summary>A device has it; one that came before is not counted again.</summary>
    public void Arrived(string arguments)
    {
        var number = JsonElement.Parse(arguments).GetProperty("number").GetInt32();
        if (!_asked.TryRemove(number, out var since))
            return;
        _milliseconds.Enqueue(TimeProvider.System.GetElapsedTime(since).TotalMilliseconds);
        Interlocked.Increment(ref _arrived);
    }

    /// <summary>Forgets the latencies so far: the load has come to its pace.</summary>
    public void Begin() => _milliseconds.Clear();

    /// <summary>Latencies since then, in order, in milliseconds.</summary>
    public double[] Sorted() => [.. _milliseconds.Order()];
}
