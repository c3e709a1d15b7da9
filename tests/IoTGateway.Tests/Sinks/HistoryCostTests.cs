using System.Diagnostics;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>Counts what the whole process writes, so it runs alone.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneDefinition;

[Collection("alone")]
public sealed class HistoryCostTests : IAsyncDisposable
{
    private const int EmptyBytes = 20 * 1024;

    private readonly SinkRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(30, 1200)]
    public async Task A_long_run_costs_no_more_on_disk_than_one_and_a_half_bytes_a_reading(int devices, int commits)
    {
        var writer = new WireWriter();
        SinkRig.Catalog.Write(writer);
        for (var device = 0; device < devices; device++)
            await _rig.Catalogs.KeepAsync(
                $"d{device}",
                SinkRig.Catalog,
                writer.ToArray(),
                TestContext.Current.CancellationToken
            );
        var sink = Open();
        var wroteBefore = BytesWritten();
        var watch = Stopwatch.StartNew();
        long air = 0;
        for (var commit = 0; commit < commits; commit++)
        {
            var body = _rig.Telemetry(SlowClimate(10, commit * 10));
            var batch = new JournalBatch();
            for (var device = 0; device < devices; device++)
            {
                var offset = new JournalOffset((commit * devices) + device);
                batch.Add(new JournalRecord(offset, $"d{device}", SinkRig.Start, _rig.CatalogHash, 0, 1, 1, body));
                air += body.Length;
            }
            Assert.True((await sink.WriteAsync(batch, TestContext.Current.CancellationToken)).Accepted);
        }
        var took = watch.Elapsed;
        var blocks = Number("SELECT sum(length(data)) FROM blocks") + Number("SELECT sum(length(data)) FROM fresh");
        sink.Dispose();
        Checkpoint();
        var wrote = BytesWritten() - wroteBefore;
        var file = new FileInfo(Path.Combine(_rig.Folder, "history.db")).Length;
        var readings = devices * commits * 20.0;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"history: {devices} devices, {commits} commits, {readings} readings in {took.TotalMilliseconds:F0} ms; "
                + $"per reading: air {air / readings:F2} B, blocks {blocks / readings:F2} B, "
                + $"file {file / readings:F2} B, written {wrote / readings:F1} B"
        );
        Assert.InRange(blocks / readings, 0.5, 1.3);
        // Tables and indexes take their pages, however little is in them; it is what a reading adds that must be small.
        Assert.InRange((file - EmptyBytes) / readings, 0.5, 1.5);
        // With SQLite 3.35 a lone device's commit wrote 126 bytes a reading; newer ones write a page of 1 KiB more each.
        if (wrote > 0)
            Assert.InRange(wrote / readings, 1, devices == 1 ? 200 : 40);
    }

    private HistorySink Open() =>
        new(
            SinkRig.History(_rig.Folder),
            new HistoryOptions { Retention = TimeSpan.FromDays(36_500) },
            _rig.Catalogs,
            new HistoryDamage(NullLogger.Instance),
            TimeProvider.System,
            NullLogger<HistorySink>.Instance
        );

    /// <summary>As a room does it: a row per ten minutes, drifting by hundredths.</summary>
    private static RowBlock SlowClimate(int rows, int first)
    {
        var block = new RowBlock();
        block.Reset(SinkRig.Climate, rows);
        for (var row = 0; row < rows; row++)
        {
            var n = first + row;
            block.Times[row] = SinkRig.Start + (n * 600_000L);
            block.Set(0, row, 2100 + (long)(200 * Math.Sin(n / 23.0)) + (n * 7919 % 11));
            block.Set(1, row, 450 + (long)(60 * Math.Cos(n / 31.0)) + (n * 104729 % 5));
        }
        return block;
    }

    private long Number(string sql)
    {
        using var connection = SinkRig.History(_rig.Folder).OpenReader();
        using var command = connection.Command(sql);
        return command.ExecuteScalar() is long number ? number : 0;
    }

    private void Checkpoint()
    {
        using var connection = SinkRig.History(_rig.Folder).OpenWriter();
        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>What this process handed to the kernel; 0 where /proc does not tell.</summary>
    private static long BytesWritten() =>
        File.Exists("/proc/self/io")
            ? long.Parse(
                File.ReadLines("/proc/self/io").First(line => line.StartsWith("wchar", StringComparison.Ordinal))[7..]
            )
            : 0;
}
