using IoTGateway.Journal;

namespace IoTGateway.Api;

/// <summary>Shows the journal's figures beside the others.</summary>
internal sealed class JournalMetrics(TelemetryJournal journal, GatewayMetrics metrics) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var counters = journal.Counters;
        metrics.Count("iotgw_journal_records_total", "Records made durable", () => counters.AppendedRecords);
        metrics.Count("iotgw_journal_written_bytes_total", "Bytes made durable", () => counters.AppendedBytes);
        metrics.Count(
            "iotgw_journal_duplicates_total",
            "Messages acknowledged again and not stored again",
            () => counters.Duplicates
        );
        metrics.Count("iotgw_journal_batches_total", "Writes that ended with a sync", () => counters.Batches);
        metrics.Count(
            "iotgw_journal_failed_writes_total",
            "Writes that failed and were tried again",
            () => counters.FailedWrites
        );
        metrics.Count(
            "iotgw_journal_damages_total",
            "Damaged places found in journal files",
            () => journal.DamageCount
        );
        metrics.Gauge(
            "iotgw_runs_cut_short",
            "Runs in a row before this one that ended without a stop",
            () => journal.Recovery.CutShort
        );
        metrics.Gauge("iotgw_journal_bytes", "Size of the journal on disk", () => journal.TotalBytes);
        metrics.Gauge(
            "iotgw_journal_write_seconds_sum",
            "Time spent in writes and their syncs",
            () => counters.WriteTime.TotalSeconds
        );
        metrics.Gauge("iotgw_journal_ok", "1 while acknowledgements flow", () => journal.Health.IsOk ? 1 : 0);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
