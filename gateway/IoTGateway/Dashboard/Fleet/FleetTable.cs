using System.Collections.Concurrent;
using System.Threading.Channels;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Live;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.History;

namespace IoTGateway.Dashboard.Fleet;

/// <summary>
/// Every device with its last values, in memory, fed by the live feed while somebody looks: a page costs no query for
/// each device. After nobody has looked for a while it is given up, and costs nothing.
/// </summary>
internal sealed partial class FleetTable(
    DeviceRegistry registry,
    DeviceStatuses statuses,
    LiveFeed feed,
    HistoryQuery history,
    TelemetryJournal journal,
    TimeProvider time,
    ILogger<FleetTable> logger
) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan KeepUnwatched = TimeSpan.FromMinutes(2);

    /// <summary>How many rounds until the registry is read again.</summary>
    private const int RegistryEvery = 4;

    private readonly ConcurrentDictionary<string, FleetEntry> _entries = new(StringComparer.Ordinal);
    private readonly AsyncSignal _watched = new();
    private readonly Channel<FleetEntry> _wishes = Channel.CreateBounded<FleetEntry>(
        // A wish that finds no room is asked again with the next look.
        new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private volatile FleetEntry[] _all = [];
    private long _unwatchedSince;
    private int _watchers;

    /// <summary>Every device, by id; new after each change of the registry.</summary>
    public FleetEntry[] All => _all;

    /// <summary>How many of them are connected.</summary>
    public int Online => _all.Count(entry => entry.IsOnline);

    /// <summary>True once the registry has been read.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Keeps the table fed until disposed.</summary>
    public IDisposable Watch()
    {
        Interlocked.Increment(ref _watchers);
        _watched.Set();
        return new Watcher(this);
    }

    /// <summary>Reads the registry now, for a page that is rendered before the table has been fed.</summary>
    public void Refresh()
    {
        lock (_entries)
        {
            var devices = registry.List();
            var all = new FleetEntry[devices.Count];
            for (var i = 0; i < all.Length; i++)
            {
                all[i] = _entries.GetOrAdd(devices[i].Id, static id => new FleetEntry(id));
                all[i].Set(devices[i]);
                all[i].Set(statuses.Peek(devices[i].Id));
            }
            if (all.Length < _entries.Count)
            {
                var known = devices.Select(device => device.Id).ToHashSet(StringComparer.Ordinal);
                foreach (var gone in _entries.Keys.Where(id => !known.Contains(id)))
                    _entries.TryRemove(gone, out _);
            }
            _all = all;
            IsReady = true;
        }
    }

    /// <summary>A row with its last values, for a page that is rendered before the table has read the history.</summary>
    public FleetRowData WithHistory(FleetRowData row)
    {
        if (row.Values.Count > 0 || !_entries.TryGetValue(row.Id, out var entry))
            return row;
        Seed(entry);
        return entry.Read();
    }

    /// <summary>A row that is looked at, with its trend; what that lacks of the past is fetched.</summary>
    public FleetRowData WithTrend(FleetRowData row)
    {
        if (!_entries.TryGetValue(row.Id, out var entry))
            return row;
        if (entry.WantsTrend)
            _wishes.Writer.TryWrite(entry);
        return row with { Trend = entry.TrendPath() };
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var stopping = stoppingToken.Register(_watched.Set);
            while (!stoppingToken.IsCancellationRequested)
            {
                await _watched.WaitAsync();
                if (!stoppingToken.IsCancellationRequested)
                    await FeedAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    /// <summary>Runs while somebody looks, and a while longer.</summary>
    private async Task FeedAsync(CancellationToken stoppingToken)
    {
        Refresh();
        using var observing = feed.Observe(Take);
        // What is durable and not yet in the history is shown by neither: the history is read once more when it has that.
        var observedFrom = journal.DurableEnd;
        var isSeeded = false;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var seeding = SeedAsync(ended.Token);
        using var timer = new PeriodicTimer(Pace, time);
        for (var round = 1; IsWanted() && await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            if (round % RegistryEvery == 0)
                Refresh();
            else
                foreach (var entry in _all)
                    entry.Set(statuses.Peek(entry.Id));
            if (isSeeded || !HistoryHas(observedFrom))
                continue;
            isSeeded = true;
            foreach (var entry in _all)
                Seed(entry);
        }
        await ended.CancelAsync();
        await seeding;
        _entries.Clear();
        (_all, IsReady) = ([], false);
    }

    private bool HistoryHas(JournalOffset offset) =>
        journal.Cursors.Any(cursor => cursor.Name == HistorySink.SinkName && cursor.Position >= offset);

    private bool IsWanted() =>
        Volatile.Read(ref _watchers) > 0 || time.GetElapsedTime(Volatile.Read(ref _unwatchedSince)) < KeepUnwatched;

    private void Take(string device, RowBlock block)
    {
        if (_entries.TryGetValue(device, out var entry))
            entry.Take(block);
    }

    /// <summary>Last values of those who have not spoken yet, one after the other; then what the rows in sight wish.</summary>
    private async Task SeedAsync(CancellationToken ended)
    {
        // The first await leaves the caller's loop to go on.
        await Task.Yield();
        try
        {
            foreach (var entry in _all)
            {
                ended.ThrowIfCancellationRequested();
                Seed(entry);
                while (_wishes.Reader.TryRead(out var wish))
                    SeedTrend(wish, ended);
            }
            await foreach (var wish in _wishes.Reader.ReadAllAsync(ended))
                SeedTrend(wish, ended);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }

    private void Seed(FleetEntry entry) => Read(entry, () => entry.Seed(history.Series(entry.Id)));

    private void SeedTrend(FleetEntry entry, CancellationToken ended)
    {
        if (entry.TakeTrendWish() is not var (measurement, field))
            return;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        Read(
            entry,
            () =>
            {
                var from = now - (Trend.Steps * Trend.StepMs);
                if (history.Readings(entry.Id, measurement, field, from, now, 4 * Trend.Steps, ended) is { } past)
                    entry.SeedTrend(past.Points);
            }
        );
    }

    private void Read(FleetEntry entry, Action read)
    {
        try
        {
            read();
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            LogUnread(e, entry.Id);
        }
    }

    private void Leave()
    {
        Volatile.Write(ref _unwatchedSince, time.GetTimestamp());
        Interlocked.Decrement(ref _watchers);
    }

    [LoggerMessage(4000, LogLevel.Warning, "dashboard: the history of {Device} cannot be read; it is shown without")]
    private partial void LogUnread(Exception exception, string device);

    private sealed class Watcher(FleetTable table) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                table.Leave();
        }
    }
}
