using System.Collections.Immutable;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks;
using IoTGateway.Sinks.History;

namespace IoTGateway.Live;

/// <summary>
/// Tells what becomes durable to whoever watches. It reads the journal from its end on, keeps no place, and does
/// nothing while nobody watches.
/// </summary>
internal sealed partial class LiveFeed : BackgroundService
{
    private const int ReadBytes = 256 * 1024;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Stands for a measurement where a slow watcher gets only the latest of each; no sensor has this name.</summary>
    private const string LogsOf = "\0log";

    private readonly TelemetryJournal _journal;
    private readonly SinkRows _rows;
    private readonly JournalBatch _batch = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private ImmutableArray<LiveSubscription> _subscriptions = [];
    private ImmutableArray<Observer> _observers = [];
    private readonly Lock _lock = new();
    private readonly AsyncSignal _watched = new();

    // Where the journal ended when somebody began to watch and nobody else did.
    private long _from;
    private long _skipped;

    public LiveFeed(
        TelemetryJournal journal,
        CatalogStore catalogs,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<LiveFeed> logger
    )
    {
        (_journal, _time, _logger) = (journal, time, logger);
        _rows = new SinkRows(catalogs, new SinkCounters(), new SkipLog("live", time, logger));
        metrics.Gauge("iotgw_live_watchers", "Watchers of the live feed", () => _subscriptions.Length);
        metrics.Count("iotgw_live_skipped_rows_total", "Rows that slow watchers did not get", Skipped);
    }

    /// <summary>Starts watching one device, or all; their rows, and their logs where these are wanted.</summary>
    public LiveSubscription Subscribe(string? device, bool logs)
    {
        var subscription = new LiveSubscription(device, Unsubscribe, logs);
        Begin(() => _subscriptions = _subscriptions.Add(subscription));
        return subscription;
    }

    /// <summary>
    /// Has every block shown as it becomes durable, from the feed's one loop: take what you need of it at once, and be
    /// quick. A block's times are Unix milliseconds; it is filled again for the next one.
    /// </summary>
    /// <returns>Ends it.</returns>
    public IDisposable Observe(Action<string, RowBlock> take)
    {
        var observer = new Observer(take, Leave);
        Begin(() => _observers = _observers.Add(observer));
        return observer;
    }

    private JournalOffset WatchedFrom => new(Volatile.Read(ref _from));

    private bool IsWatched => !_subscriptions.IsEmpty || !_observers.IsEmpty;

    /// <summary>The first to watch is shown what becomes durable from now on: what came before was read by nobody.</summary>
    private void Begin(Action add)
    {
        lock (_lock)
        {
            if (!IsWatched)
                Volatile.Write(ref _from, _journal.DurableEnd.Value);
            add();
        }
        _watched.Set();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tail = _journal.OpenTail();
        using var stopping = stoppingToken.Register(_watched.Set);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (!IsWatched)
                {
                    await _watched.WaitAsync();
                    continue;
                }
                tail.SkipTo(WatchedFrom);
                await tail.WaitAsync(stoppingToken);
                if (!await TryReadAsync(tail, stoppingToken) || !IsWatched)
                    continue;
                var from = WatchedFrom;
                foreach (ref readonly var record in _batch.Records)
                {
                    if (record.Offset < from)
                        continue;
                    Publish(record);
                    PublishLog(record);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Also where the gateway could not start: that is told elsewhere, and is no fault of the feed.
        }
        finally
        {
            foreach (var subscription in _subscriptions)
                subscription.Close();
        }
    }

    /// <summary>A disk that cannot be read now is tried again in a while: the feed ends for no such reason, nor the gateway.</summary>
    private async ValueTask<bool> TryReadAsync(JournalTail tail, CancellationToken stoppingToken)
    {
        try
        {
            tail.Read(_batch, ReadBytes);
            return true;
        }
        catch (IOException e)
        {
            LogUnread(e);
            await Task.Delay(RetryAfter, _time, stoppingToken);
            return false;
        }
    }

    private void Publish(in JournalRecord record)
    {
        var isWatched = _subscriptions.Any(Wants(record.Device));
        if (!isWatched && _observers.IsEmpty)
            return;
        var blocks = _rows.Open(record);
        while (blocks.TryRead())
        {
            foreach (var observer in _observers)
                observer.Take(record.Device, _rows.Block);
            if (!isWatched)
                continue;
            for (var row = 0; row < _rows.Block.Rows; row++)
                Publish(
                    new LiveRow(record.Device, _rows.Block.Sensor.Measurement, Json(record.Device, _rows.Block, row))
                );
        }
    }

    private void Publish(LiveRow row)
    {
        foreach (var subscription in _subscriptions)
        {
            if (subscription.Wants(row.Device))
                subscription.Publish(row);
        }
    }

    private void PublishLog(in JournalRecord record)
    {
        if (!LogLine.TryRead(record, out var line))
            return;
        LiveRow? row = null;
        foreach (var subscription in _subscriptions)
        {
            if (subscription.WantsLogs(record.Device))
                subscription.Publish(
                    row ??= new LiveRow(record.Device, LogsOf, Json(record.Device, line), IsLog: true)
                );
        }
    }

    private static Func<LiveSubscription, bool> Wants(string device) => subscription => subscription.Wants(device);

    private void Leave(Observer observer)
    {
        lock (_lock)
            _observers = _observers.Remove(observer);
    }

    private void Unsubscribe(LiveSubscription subscription)
    {
        lock (_lock)
            _subscriptions = _subscriptions.Remove(subscription);
        Interlocked.Add(ref _skipped, subscription.Skipped);
    }

    private long Skipped() => Volatile.Read(ref _skipped) + _subscriptions.Sum(subscription => subscription.Skipped);

    [LoggerMessage(
        3200,
        LogLevel.Error,
        "live: the journal cannot be read; it is tried again every second. Check the disk of the data folder"
    )]
    private partial void LogUnread(Exception exception);

    private sealed class Observer(Action<string, RowBlock> take, Action<Observer> leave) : IDisposable
    {
        public Action<string, RowBlock> Take => take;

        public void Dispose() => leave(this);
    }
}
