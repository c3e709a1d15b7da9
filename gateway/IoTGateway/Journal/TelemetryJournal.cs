using Microsoft.Extensions.Logging;

namespace IoTGateway.Journal;

/// <summary>
/// The receipt a device can trust: what is appended here is acknowledged when it is on disk, and stays until every
/// sink has it. See README.md in this folder.
/// </summary>
internal sealed partial class TelemetryJournal : IAsyncDisposable
{
    private readonly FolderLock _lock;
    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SegmentList _segments;
    private readonly CursorTable _cursors;
    private readonly DamageLog _damages;
    private readonly DurableEnd _durable;
    private readonly PendingQueue _queue;
    private readonly JournalWriter _writer;
    private readonly long _firstStart;
    private int _disposed;

    private TelemetryJournal(JournalOptions options, TimeProvider time, ILogger logger, IJournalStorage storage)
    {
        Directory.CreateDirectory(options.Path);
        _lock = FolderLock.Acquire(options.Path);
        try
        {
            (_options, _time, _logger) = (options, time, logger);
            var recovery = new JournalRecovery(options.Path, storage);
            recovery.Run();
            _segments = new SegmentList(recovery.Segments);
            _cursors = new CursorTable(Path.Combine(options.Path, "cursors"), storage);
            _cursors.Load(_segments.First?.Start ?? recovery.NextStart, recovery.Damages.Report);
            storage.SyncFolder(options.Path);
            _damages = recovery.Damages;
            ReportLostEnd(recovery);
            Recovery = Report(recovery);

            // A cursor may lie beyond the end (its segment was lost): offsets it has passed are not used again.
            _firstStart = Math.Max(recovery.NextStart, _cursors.Furthest);
            _durable = new DurableEnd(_segments.Last?.End ?? _firstStart);
            _queue = new PendingQueue(recovery.Watermarks, Counters, options.EffectivePendingBytes);
            var output = new SegmentWriter(options.Path, storage, _segments, _queue, options.EffectiveSegmentBytes);
            var active = _firstStart == _durable.Value ? recovery.Resumable : null;
            output.Resume(active, active is null ? null : storage.Open(active.Path), _firstStart, _durable.Value);
            var retention = new Retention(options.Path, storage, _segments, _cursors, options, logger);
            _writer = new JournalWriter(
                _queue,
                output,
                _segments,
                _durable,
                retention,
                _cursors,
                options,
                Counters,
                time,
                logger
            );
        }
        catch
        {
            _lock.Abandon();
            throw;
        }
    }

    public RecoveryReport Recovery { get; }

    public JournalCounters Counters { get; } = new();

    /// <summary>Whether acknowledgements flow; if not, why.</summary>
    public JournalHealth Health => _writer.Health;

    /// <summary>Everything before it is on disk.</summary>
    public JournalOffset DurableEnd => new(_durable.Value);

    public JournalOffset OldestOffset => new(_segments.First?.Start ?? _durable.Value);

    public long TotalBytes => _segments.TotalBytes;

    /// <summary>Damage met since the start, by recovery and by readers; each once.</summary>
    public long DamageCount => _damages.Count;

    public IReadOnlyList<JournalDamage> Damages => _damages.Listed;

    /// <summary>Opens the folder, repairs what a crash left, and starts the writer. Takes checked options.</summary>
    /// <exception cref="IOException">The folder is in use, or the disk fails.</exception>
    public static TelemetryJournal Open(
        JournalOptions options,
        TimeProvider time,
        ILogger<TelemetryJournal> logger,
        IJournalStorage? storage = null
    )
    {
        var journal = new TelemetryJournal(options, time, logger, storage ?? new DiskStorage());
        journal._writer.Start();
        return journal;
    }

    /// <summary>
    /// Queues a message and completes; waits while the queue is full. <paramref name="acknowledge"/> gets the epoch and
    /// the sequence when the message, and all before it, are on disk: from the writer, so it must not block. Messages
    /// of one device and epoch must come in order of their sequence: a lower one is taken for a repetition.
    /// </summary>
    public ValueTask AppendAsync(
        JournalEntry entry,
        ReadOnlyMemory<byte> body,
        Action<uint, uint>? acknowledge,
        CancellationToken cancel
    ) => _queue.AppendAsync(entry, body, acknowledge, cancel);

    /// <summary>Called after the acknowledgements of each sync, by the writer, so it must not block.</summary>
    public event Action? Acknowledged
    {
        add => _writer.Acknowledged += value;
        remove => _writer.Acknowledged -= value;
    }

    /// <summary>For WELCOME: the last sequence of this epoch on disk; 0: none.</summary>
    public uint LastSequence(string device, uint epoch) => _queue.LastDurable(device, epoch);

    /// <summary>
    /// Forgets a device's sequences: it was removed, and whoever gets its name next starts at 1 again. On disk when this
    /// returns.
    /// </summary>
    public async Task ForgetAsync(string device, CancellationToken cancel)
    {
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entry = new JournalEntry(device, _time.GetUtcNow().ToUnixTimeMilliseconds(), 0, 0, Epoch: 0, Sequence: 0);
        await AppendAsync(entry, new[] { RecordFormat.ForgetMark }, (_, _) => durable.TrySetResult(), cancel);
        await durable.Task.WaitAsync(cancel);
    }

    /// <summary>Writes what is queued, if the disk takes it, and closes the folder. Dispose the cursors before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _writer.StopAsync();
        _durable.Close();
        _cursors.CloseAll();
        await _lock.DisposeAsync();
    }

    /// <summary>A last file that was cut between two records looks whole; a cursor that has been further knows better.</summary>
    private void ReportLostEnd(JournalRecovery recovery)
    {
        var missing = _cursors.Furthest - recovery.NextStart;
        if (missing <= 0)
            return;
        var path = _segments.Last?.Path ?? Segment.PathFor(_options.Path, recovery.NextStart);
        _damages.Report(
            new JournalDamage(
                path,
                _segments.Last?.Bytes ?? 0,
                missing,
                "the file ends too early: a cursor was further"
            )
        );
    }

    private RecoveryReport Report(JournalRecovery recovery)
    {
        var report = new RecoveryReport(
            recovery.Segments.Count,
            recovery.RecordsScanned,
            recovery.Tail,
            recovery.Damages.Listed,
            _lock.CutShort
        );
        if (report.CutShort > 0)
            JournalLog.CutShort(
                _logger,
                _lock.Begun,
                report.CutShort,
                report.Segments,
                report.RecordsScanned,
                report.BytesTruncated,
                report.Damages.Count
            );
        if (report.Tail is { } tail)
            JournalLog.TailCut(_logger, tail.Bytes, tail.Position, tail.Path);
        foreach (var damage in report.Damages)
            JournalLog.Damaged(_logger, damage.Path, damage.Position, damage.Bytes, damage.What);
        recovery.Damages.Found = damage =>
            JournalLog.Damaged(_logger, damage.Path, damage.Position, damage.Bytes, damage.What);
        JournalLog.Opened(_logger, report.Segments, report.RecordsScanned, _segments.Last?.End ?? recovery.NextStart);
        return report;
    }
}
