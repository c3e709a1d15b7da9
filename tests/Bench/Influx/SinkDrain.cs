using System.Diagnostics;
using IoTGateway.Bench.Ingest;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Sinks;
using IoTGateway.Sinks.Influx;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Bench.Influx;

/// <summary>A journal full of messages, brought to a database by the sink and the loop that the gateway runs.</summary>
internal sealed class SinkDrain : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly SinkFolder _folder;
    private readonly string _path;
    private readonly TelemetryJournal _journal;

    private SinkDrain(SinkFolder folder)
    {
        _folder = folder;
        _path = Path.Combine(folder.Path, "journal");
        _journal = TelemetryJournal.Open(
            new JournalOptions { Path = _path },
            TimeProvider.System,
            NullLogger<TelemetryJournal>.Instance
        );
    }

    /// <summary>Messages in the journal.</summary>
    public int Messages { get; private init; }

    /// <summary>Fills a journal.</summary>
    public static async Task<SinkDrain> FillAsync(SinkFolder folder, LineSource source, int messages)
    {
        var drain = new SinkDrain(folder) { Messages = messages };
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = messages;
        for (var i = 0; i < messages; i++)
        {
            var (device, sequence, body) = source.Next();
            var entry = new JournalEntry(device, 0, folder.CatalogHash, 0, 1, sequence);
            await drain._journal.AppendAsync(entry, body, (_, _) => Count(), CancellationToken.None);
        }
        await durable.Task;
        return drain;

        void Count()
        {
            if (Interlocked.Decrement(ref left) == 0)
                durable.SetResult();
        }
    }

    /// <summary>Stores all of it.</summary>
    /// <returns>The time from the first read of the journal to the last answer of the database.</returns>
    public async Task<TimeSpan> RunAsync(InfluxOptions options)
    {
        using var sink = new InfluxSink(
            options,
            _folder.Catalogs,
            _folder.Rejected,
            TimeProvider.System,
            NullLogger<InfluxSink>.Instance,
            InfluxClient.CreateHandler()
        );
        var runner = new SinkRunner(
            sink,
            _journal,
            new DeviceStatuses(),
            sink.RunnerOptions,
            TimeProvider.System,
            NullLogger<SinkRunner>.Instance
        );
        using var ending = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var running = runner.RunAsync(ending.Token);
        while (sink.Counters.Rows < (long)Messages * Payload.RowsPerMessage)
        {
            if (clock.Elapsed > Patience)
                throw new InvalidOperationException($"The database does not take the rows: {runner.Report().Problem}");
            // Looking more often is work that shows among the sink's.
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
        var took = clock.Elapsed;
        await ending.CancelAsync();
        await running;
        return took;
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        Directory.Delete(_path, recursive: true);
    }
}
