using IoTGateway.Devices;
using IoTGateway.Journal;

namespace IoTGateway.Sinks;

/// <summary>Runs the loop of every sink that is configured, and shows how far each has come.</summary>
internal sealed partial class SinkHost : BackgroundService
{
    private readonly ISink[] _sinks;
    private readonly SinkRunner[] _runners;

    public SinkHost(
        IEnumerable<ISink> sinks,
        TelemetryJournal journal,
        DeviceStatuses statuses,
        RejectedRows rejected,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<SinkRunner> logger
    )
    {
        _sinks = [.. sinks];
        ForgetOthers(journal, _sinks, logger);
        _runners =
        [
            .. _sinks.Select(sink => new SinkRunner(sink, journal, statuses, sink.RunnerOptions, time, logger)),
        ];
        Show(metrics);
        ShowRejected(metrics, rejected);
    }

    /// <summary>Every sink's state now.</summary>
    public IEnumerable<SinkReport> Reports => _runners.Select(runner => runner.Report());

    /// <summary>The sink of a name; null where there is none.</summary>
    public ISink? Find(string name) => Array.Find(_sinks, sink => sink.Name == name);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var threads = new SinkThreads();
        await Task.WhenAll(_runners.Select(RunAsync));

        Task RunAsync(SinkRunner runner) =>
            Task
                .Factory.StartNew(
                    () => runner.RunAsync(stoppingToken),
                    stoppingToken,
                    TaskCreationOptions.DenyChildAttach,
                    threads
                )
                .Unwrap();
    }

    /// <summary>A sink that was switched off must not hold the journal for ever; switched on again, it starts at the oldest record.</summary>
    private static void ForgetOthers(TelemetryJournal journal, ISink[] sinks, ILogger logger)
    {
        foreach (var cursor in journal.Cursors.Where(cursor => !sinks.Any(sink => sink.Name == cursor.Name)))
        {
            journal.RemoveCursor(cursor.Name);
            LogForgotten(logger, cursor.Name, cursor.LagBytes);
        }
    }

    private void Show(GatewayMetrics metrics)
    {
        Family(metrics, "iotgw_sink_lag_bytes", "Journal bytes a sink has not stored", report => report.LagBytes);
        Family(
            metrics,
            "iotgw_sink_behind_seconds",
            "Age of the oldest message in a sink's hand",
            report => report.Behind.TotalSeconds
        );
        Family(
            metrics,
            "iotgw_sink_ok",
            "1 while a sink stores what it gets",
            report => report.Problem is null ? 1 : 0
        );
        Family(metrics, "iotgw_sink_rows", "Rows stored since the start", report => report.Counters.Rows);
        Family(metrics, "iotgw_sink_readings", "Readings stored since the start", report => report.Counters.Readings);
        Family(metrics, "iotgw_sink_batches", "Batches stored since the start", report => report.Batches);
        Family(metrics, "iotgw_sink_retries", "Batches that had to come again", report => report.Retries);
        Family(
            metrics,
            "iotgw_sink_rejected_rows",
            "Rows the database will never take",
            report => report.Counters.Rejected
        );
        Family(
            metrics,
            "iotgw_sink_skipped_records",
            "Journal records that could not be decoded",
            report => report.Counters.DamagedRecords + report.Counters.UnknownCatalogRecords
        );
    }

    private void ShowRejected(GatewayMetrics metrics, RejectedRows rejected)
    {
        Family(
            metrics,
            "iotgw_sink_rejected_kept_rows",
            "Rejected rows that wait in rejected.db",
            report => rejected.Count(report.Name)
        );
        Family(
            metrics,
            "iotgw_sink_rejected_dropped_rows",
            "Rejected rows that went to make room for newer ones",
            report => rejected.Dropped(report.Name)
        );
    }

    private void Family(GatewayMetrics metrics, string name, string description, Func<SinkReport, double> value) =>
        metrics.Meter.CreateObservableGauge(
            name,
            () =>
                Reports.Select(report => new System.Diagnostics.Metrics.Measurement<double>(
                    value(report),
                    new KeyValuePair<string, object?>("sink", report.Name)
                )),
            null,
            description
        );

    [LoggerMessage(
        2020,
        LogLevel.Warning,
        "{Sink} is switched off: its place in the journal is given up, {LagBytes} bytes that it did not store. Switched on again, it stores all that the journal still holds"
    )]
    private static partial void LogForgotten(ILogger logger, string sink, long lagBytes);
}
