using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol.Messages;
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
        ImmutableInterlocked.Update(ref _subscriptions, (all, added) => all.Add(added), subscription);
        return subscription;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tail = _journal.OpenTail();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await tail.WaitAsync(stoppingToken);
                if (!await TryReadAsync(tail, stoppingToken) || _subscriptions.IsEmpty)
                    continue;
                foreach (ref readonly var record in _batch.Records)
                {
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
        if (!_subscriptions.Any(Wants(record.Device)))
            return;
        var blocks = _rows.Open(record);
        while (blocks.TryRead())
        {
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

    private static ReadOnlyMemory<byte> Json(string device, RowBlock block, int row)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("device", device);
        json.WriteString("measurement", block.Sensor.Measurement);
        json.WriteNumber("time", block.Times[row]);
        json.WriteStartObject("fields");
        for (var field = 0; field < block.Sensor.Fields.Length; field++)
        {
            if (block.IsPresent(field, row))
                WriteField(json, block.Sensor.Fields[field], block.Raw(field, row));
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Json(string device, in LogLine line)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("device", device);
        json.WriteNumber("time", line.UnixMs);
        json.WriteString("level", line.LevelName);
        json.WriteString("category", line.Category);
        json.WriteString("message", line.Message);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteField(Utf8JsonWriter json, FieldDescription field, long raw)
    {
        if (field.Type == FieldType.Boolean)
            json.WriteBoolean(field.Name, raw != 0);
        else
            json.WriteNumber(field.Name, FieldValue.ToDouble(field, raw));
    }

    private void Unsubscribe(LiveSubscription subscription)
    {
        ImmutableInterlocked.Update(ref _subscriptions, (all, removed) => all.Remove(removed), subscription);
        Interlocked.Add(ref _skipped, subscription.Skipped);
    }

    private long Skipped() => Volatile.Read(ref _skipped) + _subscriptions.Sum(subscription => subscription.Skipped);

    [LoggerMessage(
        3200,
        LogLevel.Error,
        "live: the journal cannot be read; it is tried again every second. Check the disk of the data folder"
    )]
    private partial void LogUnread(Exception exception);
}
