using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace IoTGateway.Sinks;

/// <summary>
/// The threads on which sinks read, encode and store, at a lower priority than all others: each second they have a batch for
/// every database, and where cores are few a device's receipt or a command would wait for it.
/// </summary>
internal sealed partial class SinkThreads : TaskScheduler, IDisposable
{
    /// <summary>A third of a core where everybody else wants it too: under a flood sinks fall behind, and do not stop.</summary>
    private const int Nice = 5;

    private const int OfThisThread = 0;

    [ThreadStatic]
    private static SinkThreads? _ofThread;

    private readonly BlockingCollection<Task> _work = [];

    public SinkThreads()
    {
        for (var i = 0; i < MaximumConcurrencyLevel; i++)
            new Thread(Run)
            {
                IsBackground = true,
                Name = "iotgw sinks",
                Priority = ThreadPriority.BelowNormal,
            }.Start();
    }

    /// <summary>One may wait for its disk while another compresses.</summary>
    public override int MaximumConcurrencyLevel => Math.Max(2, Environment.ProcessorCount);

    /// <summary>Ends the threads when they have done what is queued; what comes later goes to the pool.</summary>
    public void Dispose() => _work.CompleteAdding();

    protected override IEnumerable<Task> GetScheduledTasks() => _work;

    protected override void QueueTask(Task task)
    {
        try
        {
            _work.Add(task);
        }
        catch (InvalidOperationException)
        {
            ThreadPool.UnsafeQueueUserWorkItem(late => TryExecuteTask(late), task, preferLocal: false);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        _ofThread == this && !taskWasPreviouslyQueued && TryExecuteTask(task);

    private void Run()
    {
        _ofThread = this;
        // The platform's priorities mean nothing on Linux, where a thread's own can be lowered like a process's.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(OfThisThread, 0, Nice);
        foreach (var task in _work.GetConsumingEnumerable())
            TryExecuteTask(task);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int priority);
}
