using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks;
using IoTGateway.Sinks.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>How rows become blocks, and stay one of each.</summary>
public sealed class HistoryStorageTests : IAsyncDisposable
{
    private readonly HistoryBed _bed = new();

    [Fact]
    public async Task Messages_in_any_order_with_repeats_store_each_row_once_and_read_in_order()
    {
        var random = new Random(7);
        var bodies = new List<byte[]>();
        for (var message = 0; message < 400; message++)
            bodies.Add(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(10, SinkRig.Start + (message * 10_000), seed: message)));
        foreach (var body in bodies.Concat(bodies).OrderBy(_ => random.Next()).Chunk(7))
            await _bed.WriteAsync(_bed.Rig.Batch(body));
        await _bed.AssertStoredAsync();
        var total = _bed.Number("SELECT (SELECT sum(rows) FROM blocks) + (SELECT coalesce(sum(rows), 0) FROM fresh)");
        Assert.InRange(total, 4000, 4000 + 256);
        _bed.AssertBlocksDoNotOverlap();
    }

    [Fact]
    public async Task Of_two_rows_with_the_same_time_the_last_to_come_wins()
    {
        await _bed.WriteAsync(_bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(1000, SinkRig.Start, seed: 1))));
        await _bed.WriteAsync(
            _bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(5, SinkRig.Start + 100_000, seed: 2)))
        );
        _bed.Forget("humidity");
        await _bed.AssertStoredAsync("temperature");
        await _bed.WriteAsync(_bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(900, SinkRig.Start, seed: 3))));
        _bed.Forget("humidity");
        await _bed.AssertStoredAsync("temperature");
        _bed.AssertBlocksDoNotOverlap();
    }

    [Fact]
    public async Task Rows_on_both_sides_of_a_stored_block_do_not_enclose_it()
    {
        await _bed.WriteAsync(_bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(300, SinkRig.Start, seed: 1))));
        await _bed.WriteAsync(
            _bed.Rig.Batch(
                _bed.Rig.Telemetry(_bed.Rig.ClimateRows(300, SinkRig.Start + 1_000_000, seed: 2)),
                _bed.Rig.Telemetry(_bed.Rig.ClimateRows(300, SinkRig.Start - 1_000_000, seed: 3))
            )
        );
        _bed.AssertBlocksDoNotOverlap();
        Assert.Equal(3, _bed.Number("SELECT count(*) FROM blocks"));
        await _bed.AssertStoredAsync();
    }

    [Fact]
    public async Task Small_blocks_are_merged_in_tiers_up_to_full_ones()
    {
        for (var message = 0; message < 1000; message++)
            await _bed.WriteAsync(
                _bed.Rig.Batch(
                    _bed.Rig.Telemetry(_bed.Rig.ClimateRows(10, SinkRig.Start + (message * 10_000), seed: message))
                )
            );
        await _bed.AssertStoredAsync();
        Assert.InRange(_bed.Number("SELECT max(rows) FROM blocks"), 2048, 4096);
        Assert.InRange(_bed.Number("SELECT count(*) FROM blocks"), 1, 20);
        Assert.InRange(_bed.Number("SELECT count(*) FROM fresh"), 0, 31);
    }

    [Fact]
    public async Task Rows_older_than_the_retention_go_and_younger_ones_stay()
    {
        _bed.Use(TimeSpan.FromDays(30));
        _bed.Clock.Now = DateTimeOffset.FromUnixTimeMilliseconds(SinkRig.Start);
        var day = 86_400_000L;
        await _bed.WriteAsync(
            _bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(500, SinkRig.Start - (40 * day))))
        );
        await _bed.WriteAsync(_bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.FanRows(5, SinkRig.Start - (40 * day)))));
        _bed.Rig.Sent.Clear();
        _bed.Clock.Now += TimeSpan.FromHours(2);
        await _bed.WriteAsync(_bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(500, SinkRig.Start - day))));
        await _bed.AssertStoredAsync();
        Assert.Equal(500, _bed.Number("SELECT sum(rows) FROM blocks"));
        Assert.Equal(0, _bed.Number("SELECT count(*) FROM fresh"));
        // What is counted in memory must follow what was deleted.
        await _bed.WriteAsync(_bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.FanRows(5, SinkRig.Start))));
        await _bed.AssertStoredAsync();
    }

    [Fact]
    public async Task Times_since_boot_are_put_on_the_wall_clock_and_impossible_ones_are_counted()
    {
        var block = _bed.Rig.ClimateRows(3, 5000);
        var writer = new WireWriter();
        new TelemetryHeader(1, 1, ClockKind.SinceBoot, 5000, 1).Write(writer);
        BlockEncoder.Write(writer, block, 5000);
        await _bed.WriteAsync(_bed.Rig.Batch(SinkRig.Start, [writer.ToArray()]));
        Assert.Equal(SinkRig.Start + 7000, Assert.Single(_bed.Query.Series(SinkRig.Device)).LastUnixMs);
        await _bed.WriteAsync(_bed.Rig.Batch(-6000, [writer.ToArray()]));
        await _bed.WriteAsync(_bed.Rig.Batch(long.MinValue, [writer.ToArray()]));
        await _bed.WriteAsync(_bed.Rig.Batch(long.MaxValue, [writer.ToArray()]));
        Assert.Equal(9, _bed.Sink.Counters.ImpossibleTimeRows);
        Assert.Equal(3, _bed.Number("SELECT sum(rows) FROM fresh"));
    }

    [Fact]
    public async Task Rows_under_a_catalog_that_nobody_has_are_skipped_and_counted()
    {
        var batch = new JournalBatch();
        var body = _bed.Rig.Telemetry(_bed.Rig.ClimateRows(10, SinkRig.Start));
        batch.Add(new JournalRecord(new JournalOffset(1), SinkRig.Device, 0, 12345, 0, 1, 1, body));
        batch.Add(new JournalRecord(new JournalOffset(2), SinkRig.Device, 0, _bed.Rig.CatalogHash, 0, 1, 2, body));
        batch.End = new JournalOffset(3);
        await _bed.WriteAsync(batch);
        Assert.Equal(1, _bed.Sink.Counters.UnknownCatalogRecords);
        Assert.Equal(10, _bed.Sink.Counters.Rows);
    }

    [Fact]
    public async Task Reading_a_batch_allocates_nothing_per_reading()
    {
        var counters = new SinkCounters();
        var rows = new SinkRows(_bed.Rig.Catalogs, counters, new SkipLog("t", _bed.Clock, NullLogger.Instance));
        var batch = _bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(1000, SinkRig.Start)));
        long allocated = -1;
        var read = 0;
        for (var turn = 0; turn < 50; turn++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            read = 0;
            foreach (ref readonly var record in batch.Records)
            {
                var blocks = rows.Open(record);
                while (blocks.TryRead())
                    read += rows.Block.Rows;
            }
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(1000, read);
        Assert.Equal(0, allocated);
        await _bed.WriteAsync(batch);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(40_000)]
    public void A_retention_out_of_range_is_refused_by_name_and_value(int days)
    {
        var options = new HistoryOptions { Retention = TimeSpan.FromDays(days) };
        Assert.Contains($"History:Retention is {options.Retention}", Assert.Single(options.Errors()));
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();
}
