using System.Collections.Immutable;
using IoTGateway.Devices;
using IoTGateway.Live;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.History;

namespace IoTGateway.Alarms;

/// <summary>
/// Holds every row against the rules as it becomes durable, whoever looks. Without rules it does nothing. What it finds
/// goes to <c>control.db</c>, the log, and whoever listens (<see cref="Happened"/>).
/// </summary>
internal sealed partial class AlarmWatch : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>How many rounds until the registry is read again.</summary>
    private const int RegistryEvery = 5;

    private readonly AlarmStore _store;
    private readonly DeviceRegistry _registry;
    private readonly LiveFeed _feed;
    private readonly HistoryQuery _history;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<(long Rule, string Device), AlarmState> _states = [];
    private readonly Queue<AlarmEvent> _unkept = new();
    private ImmutableArray<AlarmRule> _rules = [];
    private IReadOnlyList<RegisteredDevice> _devices = [];
    private IDisposable? _observing;
    private long _round;
    private long _raised;

    public AlarmWatch(
        AlarmStore store,
        DeviceRegistry registry,
        LiveFeed feed,
        HistoryQuery history,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<AlarmWatch> logger
    )
    {
        (_store, _registry, _feed, _history, _time, _logger) = (store, registry, feed, history, time, logger);
        metrics.Gauge("iotgw_alarms_active", "Alarms that hold now", () => Active().Count);
        metrics.Count("iotgw_alarms_raised_total", "Alarms raised", () => _raised);
        foreach (var rule in store.Rules())
            Watch(rule);
        foreach (var (id, device, since, value) in store.Active())
        {
            if (_rules.FirstOrDefault(rule => rule.Id == id) is { } rule)
                StateOf(rule, device).Restore(since, value);
        }
    }

    /// <summary>Raised for each event once it is on disk.</summary>
    public event EventHandler<AlarmEvent>? Happened;

    public IReadOnlyList<AlarmRule> Rules => _rules;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>What holds now, newest first.</summary>
    public IReadOnlyList<ActiveAlarm> Active()
    {
        lock (_lock)
            return
            [
                .. from state in _states
                where state.Value.IsRaised
                let rule = _rules.FirstOrDefault(rule => rule.Id == state.Key.Rule)
                where rule is not null
                orderby state.Value.SinceMs descending
                select new ActiveAlarm(rule, state.Key.Device, state.Value.SinceMs, state.Value.Value),
            ];
    }

    /// <summary>Adds a rule that has no error; null where there are too many.</summary>
    public AlarmRule? Add(AlarmRule rule)
    {
        if (_store.Add(rule) is not { } added)
            return null;
        lock (_lock)
            Watch(added);
        SeedFromHistory(added);
        return added;
    }

    public bool Remove(long id)
    {
        if (!_store.Remove(id))
            return false;
        lock (_lock)
        {
            // Whoever was told of an alarm is told of its end.
            foreach (var key in _states.Keys.Where(key => key.Rule == id).ToArray())
                Forget(key);
            _rules = _rules.RemoveAll(rule => rule.Id == id);
            if (_rules.IsEmpty)
            {
                _observing?.Dispose();
                _observing = null;
            }
        }
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var rule in _rules)
            SeedFromHistory(rule);
        using var timer = new PeriodicTimer(Pace, _time);
        try
        {
            do
            {
                LookForMissing();
                KeepFound();
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            KeepFound();
        }
        finally
        {
            _observing?.Dispose();
        }
    }

    private void Watch(AlarmRule rule)
    {
        _rules = _rules.Add(rule);
        _observing ??= _feed.Observe(Take);
    }

    /// <summary>At most as many wait as are kept: the oldest would be dropped there as well.</summary>
    private void Found(AlarmEvent? found)
    {
        if (found is null)
            return;
        if (_unkept.Count >= AlarmStore.KeptEvents)
            _unkept.Dequeue();
        _unkept.Enqueue(found);
        if (found.Raised)
            _raised++;
    }

    private void KeepFound()
    {
        AlarmEvent[] found;
        lock (_lock)
        {
            found = [.. _unkept];
            _unkept.Clear();
        }
        foreach (var one in found)
        {
            if (one.Raised)
                LogRaised(one.Name, one.Device, one.Words, one.Value);
            else
                LogCleared(one.Name, one.Device);
            Happened?.Invoke(this, Keep(one));
        }
    }

    private AlarmEvent Keep(AlarmEvent found)
    {
        try
        {
            return _store.Keep(found);
        }
        catch (System.Data.Common.DbException e)
        {
            LogUnkept(e, found.Name);
            return found;
        }
    }

    [LoggerMessage(4100, LogLevel.Warning, "alarm '{Name}' of {Device}: {What}, value {Value}")]
    private partial void LogRaised(string name, string device, string what, double? value);

    [LoggerMessage(4101, LogLevel.Information, "alarm '{Name}' of {Device} has ended")]
    private partial void LogCleared(string name, string device);

    [LoggerMessage(
        4102,
        LogLevel.Error,
        "alarm '{Name}' could not be kept in control.db: check the disk of the data folder"
    )]
    private partial void LogUnkept(Exception exception, string name);

    [LoggerMessage(4103, LogLevel.Warning, "alarm '{Name}': the history cannot be read; it begins with the next row")]
    private partial void LogUnread(Exception exception, string name);
}
