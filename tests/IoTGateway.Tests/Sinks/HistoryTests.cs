using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks;
using IoTGateway.Sinks.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

public sealed class HistoryTests : IAsyncDisposable
{
    private static readonly TimeSpan Forever = TimeSpan.FromDays(36_500);

    private readonly SinkRig _rig = new();
    private readonly HistoryDamage _damage = new(NullLogger.Instance);
    private readonly ManualClock _clock = new();
    private HistorySink _sink;

    public HistoryTests() => _sink = Open(Forever);

    private HistoryQuery Query => new(new HistoryDatabase(_rig.Folder), _damage);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_in_any_order_with_repeats_store_each_row_once_and_read_in_order()
    {
        var random = new Random(7);
        var bodies = new List<byte[]>();
        for (var message = 0; message < 400; message++)
            bodies.Add(_rig.Telemetry(_rig.ClimateRows(10, SinkRig.Start + (message * 10_000), seed: message)));
        foreach (var body in bodies.Concat(bodies).OrderBy(_ => random.Next()).Chunk(7))
            await WriteAsync(_rig.Batch(body));
        await AssertStoredAsync();
        var total = Number("SELECT (SELECT sum(rows) FROM blocks) + (SELECT coalesce(sum(rows), 0) FROM fresh)");
        Assert.InRange(total, 4000, 4000 + 256);
        AssertBlocksDoNotOverlap();
    }

    [Fact]
    public async Task Of_two_rows_with_the_same_time_the_last_to_come_wins()
    {
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(1000, SinkRig.Start, seed: 1))));
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(5, SinkRig.Start + 100_000, seed: 2))));
        Forget("humidity");
        await AssertStoredAsync("temperature");
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(900, SinkRig.Start, seed: 3))));
        Forget("humidity");
        await AssertStoredAsync("temperature");
        AssertBlocksDoNotOverlap();
    }

    [Fact]
    public async Task Rows_on_both_sides_of_a_stored_block_do_not_enclose_it()
    {
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(300, SinkRig.Start, seed: 1))));
        await WriteAsync(
            _rig.Batch(
                _rig.Telemetry(_rig.ClimateRows(300, SinkRig.Start + 1_000_000, seed: 2)),
                _rig.Telemetry(_rig.ClimateRows(300, SinkRig.Start - 1_000_000, seed: 3))
            )
        );
        AssertBlocksDoNotOverlap();
        Assert.Equal(3, Number("SELECT count(*) FROM blocks"));
        await AssertStoredAsync();
    }

    [Fact]
    public async Task Small_blocks_are_merged_in_tiers_up_to_full_ones()
    {
        for (var message = 0; message < 1000; message++)
            await WriteAsync(
                _rig.Batch(_rig.Telemetry(_rig.ClimateRows(10, SinkRig.Start + (message * 10_000), seed: message)))
            );
        await AssertStoredAsync();
        Assert.InRange(Number("SELECT max(rows) FROM blocks"), 2048, 4096);
        Assert.InRange(Number("SELECT count(*) FROM blocks"), 1, 20);
        Assert.InRange(Number("SELECT count(*) FROM fresh"), 0, 31);
    }

    [Fact]
    public async Task Down_sampling_keeps_the_lowest_and_the_highest_of_each_step()
    {
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(4000, SinkRig.Start))));
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(96, SinkRig.Start + 4_000_000, seed: 9))));
        var end = SinkRig.Start + 4_095_000;
        var chart = Query.Readings(SinkRig.Device, "room climate", "temperature", 0, long.MaxValue, 100, Token);
        Assert.NotNull(chart);
        Assert.Equal("Cel", chart.Unit);
        Assert.InRange(chart.Points.Count, 50, 100);

        var step = ((end - SinkRig.Start) / 50) + 1;
        var all = _rig.Sent.Where(pair => pair.Key.Field == "temperature").OrderBy(pair => pair.Key.UnixMs);
        var expected = all.GroupBy(pair => (pair.Key.UnixMs - SinkRig.Start) / step)
            .SelectMany(group =>
                new[] { group.MinBy(pair => pair.Value), group.MaxBy(pair => pair.Value) }
                    .DistinctBy(pair => pair.Key.UnixMs)
                    .OrderBy(pair => pair.Key.UnixMs)
            )
            .Select(pair => new HistoryPoint(pair.Key.UnixMs, pair.Value));
        Assert.Equal(expected, chart.Points);
    }

    [Fact]
    public async Task A_chart_with_room_for_all_readings_shows_them_all()
    {
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(100, SinkRig.Start))));
        var from = SinkRig.Start + 10_000;
        var chart = Query.Readings(SinkRig.Device, "room climate", "temperature", from, from + 49_000, 50, Token);
        Assert.Equal(50, chart?.Points.Count);
        Assert.Null(Query.Readings(SinkRig.Device, "room climate", "pressure", 0, long.MaxValue, 50, Token));
        Assert.Null(Query.Readings("nobody", "room climate", "temperature", 0, long.MaxValue, 50, Token));
    }

    [Fact]
    public async Task Rows_older_than_the_retention_go_and_younger_ones_stay()
    {
        _sink.Dispose();
        _sink = Open(TimeSpan.FromDays(30));
        _clock.Now = DateTimeOffset.FromUnixTimeMilliseconds(SinkRig.Start);
        var day = 86_400_000L;
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(500, SinkRig.Start - (40 * day)))));
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.FanRows(5, SinkRig.Start - (40 * day)))));
        _rig.Sent.Clear();
        _clock.Now += TimeSpan.FromHours(2);
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(500, SinkRig.Start - day))));
        await AssertStoredAsync();
        Assert.Equal(500, Number("SELECT sum(rows) FROM blocks"));
        Assert.Equal(0, Number("SELECT count(*) FROM fresh"));
        // What is counted in memory must follow what was deleted.
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.FanRows(5, SinkRig.Start))));
        await AssertStoredAsync();
    }

    [Fact]
    public async Task Blocks_of_two_catalogs_live_side_by_side_and_the_last_row_is_the_newest()
    {
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(300, SinkRig.Start))));
        var sensor = new SensorDescription(
            1,
            "room climate",
            [
                new FieldDescription("co2", "ppm", FieldType.Decimal, 0),
                new FieldDescription("temperature", "Cel", FieldType.Float32, 0),
            ]
        );
        var catalog = new Catalog([sensor], []);
        var writer = new WireWriter();
        catalog.Write(writer);
        var hash = _rig.Catalogs.Keep(SinkRig.Device, catalog, writer.ToArray());
        var block = new RowBlock();
        block.Reset(sensor, 2);
        // The first falls on a stored row and replaces all of it, the second comes after all.
        (block.Times[0], block.Times[1]) = (SinkRig.Start + 5000, SinkRig.Start + 300_000);
        block.Set(0, 0, 900);
        block.Set(0, 1, 901);
        block.Set(1, 1, FieldValue.FromSingle(19.5f));
        var body = _rig.Telemetry(block);
        var batch = new JournalBatch();
        batch.Add(new JournalRecord(new JournalOffset(9000), SinkRig.Device, SinkRig.Start, hash, 0, 1, 1, body));
        batch.End = new JournalOffset(9001);
        await WriteAsync(batch);
        _rig.Sent.Remove(("room climate", "temperature", SinkRig.Start + 5000));
        await AssertStoredAsync("temperature");
        await AssertStoredAsync("co2");

        var series = Assert.Single(Query.Series(SinkRig.Device));
        Assert.Equal(SinkRig.Start + 300_000, series.LastUnixMs);
        Assert.Equal(new HistoryField("co2", "ppm", 901), series.Fields[0]);
        Assert.Equal(new HistoryField("temperature", "Cel", 19.5), series.Fields[1]);
        // Merged, it is the same.
        await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(300, SinkRig.Start + 400_000, seed: 5))));
        await AssertStoredAsync("temperature");
        await AssertStoredAsync("co2");
        AssertBlocksDoNotOverlap();
    }

    [Fact]
    public async Task Times_since_boot_are_put_on_the_wall_clock_and_impossible_ones_are_counted()
    {
        var block = _rig.ClimateRows(3, 5000);
        var writer = new WireWriter();
        new TelemetryHeader(1, 1, ClockKind.SinceBoot, 5000, 1).Write(writer);
        BlockEncoder.Write(writer, block, 5000);
        await WriteAsync(_rig.Batch(SinkRig.Start, [writer.ToArray()]));
        Assert.Equal(SinkRig.Start + 7000, Assert.Single(Query.Series(SinkRig.Device)).LastUnixMs);
        await WriteAsync(_rig.Batch(-6000, [writer.ToArray()]));
        await WriteAsync(_rig.Batch(long.MinValue, [writer.ToArray()]));
        await WriteAsync(_rig.Batch(long.MaxValue, [writer.ToArray()]));
        Assert.Equal(9, _sink.Counters.ImpossibleTimeRows);
        Assert.Equal(3, Number("SELECT sum(rows) FROM fresh"));
    }

    [Fact]
    public async Task A_gap_is_kept_once()
    {
        var writer = new WireWriter();
        new Gap(4, ClockKind.SinceBoot, 1000, 9000, 17).Write(writer);
        for (var time = 0; time < 2; time++)
            await WriteAsync(_rig.Batch(SinkRig.Start + time, [writer.ToArray()]));
        var gap = Assert.Single(Query.Gaps(SinkRig.Device, SinkRig.Start, SinkRig.Start + 100_000));
        Assert.Equal(new HistoryGap(4, SinkRig.Start + 1000, SinkRig.Start + 9000, 17), gap);
        Assert.Empty(Query.Gaps(SinkRig.Device, 0, SinkRig.Start));
    }

    [Fact]
    public async Task Lines_of_log_go_with_the_retention_and_a_failed_batch_leaves_none_twice()
    {
        _sink.Dispose();
        _sink = Open(TimeSpan.FromDays(30));
        _clock.Now = DateTimeOffset.FromUnixTimeMilliseconds(SinkRig.Start);
        var old = SinkRig.Start - (40 * 86_400_000L);
        await WriteAsync(_rig.Batch(Log(old, "old")));
        Run("CREATE TRIGGER broken BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'power cut'); END");
        var batch = _rig.Batch(Log(SinkRig.Start, "young"));
        Assert.False((await _sink.WriteAsync(batch, Token)).Accepted);
        Run("DROP TRIGGER broken");
        _clock.Now += TimeSpan.FromHours(2);
        await WriteAsync(batch);
        var line = Assert.Single(Query.Logs(SinkRig.Device, 0, 0, long.MaxValue, 100));
        Assert.Equal(new LogLine(SinkRig.Start, 3, "link", "young"), line);
    }

    [Fact]
    public async Task A_line_of_log_without_a_possible_time_stands_where_it_came()
    {
        var writer = new WireWriter();
        new DeviceLog(3, ClockKind.SinceBoot, 5_000, "link", "no boot time").Write(writer);
        await WriteAsync(_rig.Batch(0, [writer.ToArray()]));
        await WriteAsync(_rig.Batch(-1_000_000, [writer.ToArray()]));
        Assert.Equal(
            [SinkRig.Start, SinkRig.Start],
            Query.Logs(SinkRig.Device, 0, 0, long.MaxValue, 100).Select(line => line.UnixMs)
        );
    }

    [Fact]
    public async Task A_damaged_block_is_skipped_and_counted_and_its_neighbours_stay_readable()
    {
        for (var day = 0; day < 3; day++)
            await WriteAsync(
                _rig.Batch(_rig.Telemetry(_rig.ClimateRows(3000, SinkRig.Start + (day * 86_400_000L), seed: day)))
            );
        Run(
            "UPDATE blocks SET data = CAST(substr(data, 1, 99) || x'00' || substr(data, 101) AS BLOB) "
                + "WHERE first = (SELECT first FROM blocks ORDER BY first LIMIT 1 OFFSET 1)"
        );
        var stored = await ReadAsync("temperature");
        Assert.Equal(6000, stored.Count);
        Assert.True(_damage.Met > 0);
        // New rows in its range find it, put it aside, and are stored.
        await WriteAsync(
            _rig.Batch(_rig.Telemetry(_rig.ClimateRows(300, SinkRig.Start + 86_400_000L + 1500, seed: 77)))
        );
        Assert.Equal(6300, (await ReadAsync("temperature")).Count);
        Assert.Equal(1, Number("SELECT count(*) FROM damaged"));
        AssertBlocksDoNotOverlap();
    }

    [Fact]
    public async Task A_reader_in_the_middle_of_a_stream_and_the_writer_do_not_wait_for_each_other()
    {
        for (var part = 0; part < 5; part++)
            await WriteAsync(
                _rig.Batch(_rig.Telemetry(_rig.ClimateRows(4000, SinkRig.Start + (part * 4_000_000L), seed: part)))
            );
        var count = 0;
        var stream = Query.StreamAsync(SinkRig.Device, "room climate", "temperature", 0, long.MaxValue, Token);
        await foreach (var run in stream)
        {
            count += run.Count;
            if (count <= 4000)
                await WriteAsync(_rig.Batch(_rig.Telemetry(_rig.ClimateRows(3, SinkRig.Start + 30_000_000L))));
        }
        Assert.Equal(20_003, count);
    }

    [Fact]
    public async Task A_batch_that_fails_half_way_leaves_nothing_behind_and_the_next_attempt_stores_it_all()
    {
        Run("CREATE TRIGGER broken BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'power cut'); END");
        var batch = _rig.Batch(_rig.Telemetry(_rig.ClimateRows(20, SinkRig.Start)));
        var verdict = await _sink.WriteAsync(batch, Token);
        Assert.False(verdict.Accepted);
        Assert.Contains("power cut", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("history.db", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(0, Number("SELECT count(*) FROM series"));
        Run("DROP TRIGGER broken");
        await WriteAsync(batch);
        await AssertStoredAsync();
        Assert.Equal(batch.End, _sink.Position);
    }

    [Fact]
    public async Task Any_image_of_the_disk_goes_on_where_its_rows_end()
    {
        var batches = new List<JournalBatch>();
        for (var message = 0; message < 60; message++)
            batches.Add(
                _rig.Batch(_rig.Telemetry(_rig.ClimateRows(20, SinkRig.Start + (message * 20_000), seed: message)))
            );
        var images = new List<string>();
        foreach (var batch in batches)
        {
            await WriteAsync(batch);
            if (images.Count < 12 && batch.End.Value % 5 == 1)
                images.Add(CopyOfTheDisk($"image{batch.End.Value}"));
        }
        Assert.Equal(12, images.Count);
        foreach (var image in images)
        {
            using var sink = Open(Forever, image);
            var place = sink.Position ?? throw new InvalidOperationException("History keeps its place.");
            Assert.Equal($"image{place.Value}", Path.GetFileName(image));
            foreach (var batch in batches.Where(batch => batch.End > place))
                Assert.True((await sink.WriteAsync(batch, Token)).Accepted);
            var query = new HistoryQuery(new HistoryDatabase(image), _damage);
            var expected = _rig.Sent.Count(pair => pair.Key.Field == "temperature");
            var chart = query.Readings(SinkRig.Device, "room climate", "temperature", 0, long.MaxValue, 9999, Token);
            Assert.Equal(expected, chart?.Points.Count);
        }
    }

    [Fact]
    public async Task Reading_a_batch_allocates_nothing_per_reading()
    {
        var counters = new SinkCounters();
        var rows = new SinkRows(_rig.Catalogs, counters, new SkipLog("t", _clock, NullLogger.Instance));
        var batch = _rig.Batch(_rig.Telemetry(_rig.ClimateRows(1000, SinkRig.Start)));
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
        await WriteAsync(batch);
    }

    [Fact]
    public async Task Rows_under_a_catalog_that_nobody_has_are_skipped_and_counted()
    {
        var batch = new JournalBatch();
        var body = _rig.Telemetry(_rig.ClimateRows(10, SinkRig.Start));
        batch.Add(new JournalRecord(new JournalOffset(1), SinkRig.Device, 0, 12345, 0, 1, 1, body));
        batch.Add(new JournalRecord(new JournalOffset(2), SinkRig.Device, 0, _rig.CatalogHash, 0, 1, 2, body));
        batch.End = new JournalOffset(3);
        await WriteAsync(batch);
        Assert.Equal(1, _sink.Counters.UnknownCatalogRecords);
        Assert.Equal(10, _sink.Counters.Rows);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(40_000)]
    public void A_retention_out_of_range_is_refused_by_name_and_value(int days)
    {
        var options = new HistoryOptions { Retention = TimeSpan.FromDays(days) };
        var result = new HistoryOptionsValidator().Validate(null, options);
        Assert.Contains($"History:Retention is {options.Retention}", result.FailureMessage, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _sink.Dispose();
        await _rig.DisposeAsync();
    }

    /// <summary>What a power cut would leave, were everything written on disk.</summary>
    private string CopyOfTheDisk(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_rig.Folder, name)).FullName;
        foreach (
            var file in Directory
                .GetFiles(_rig.Folder, "history.db*")
                .Where(file => !file.EndsWith("-shm", StringComparison.Ordinal))
        )
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return folder;
    }

    private HistorySink Open(TimeSpan retention, string? folder = null) =>
        new(
            new HistoryDatabase(folder ?? _rig.Folder),
            new HistoryOptions { Retention = retention },
            _rig.Catalogs,
            _damage,
            _clock,
            NullLogger<HistorySink>.Instance
        );

    private static byte[] Log(long unixMs, string message)
    {
        var writer = new WireWriter();
        new DeviceLog(3, ClockKind.Unix, (ulong)unixMs, "link", message).Write(writer);
        return writer.ToArray();
    }

    private async Task WriteAsync(JournalBatch batch)
    {
        var verdict = await _sink.WriteAsync(batch, Token);
        Assert.True(verdict.Accepted, verdict.Reason);
    }

    private void Forget(string field)
    {
        foreach (var key in _rig.Sent.Keys.Where(key => key.Field == field).ToList())
            _rig.Sent.Remove(key);
    }

    private async Task AssertStoredAsync(string? only = null)
    {
        foreach (var field in _rig.Sent.GroupBy(pair => (pair.Key.Measurement, pair.Key.Field)))
        {
            if (only is not null && field.Key.Field != only)
                continue;
            var expected = field
                .OrderBy(pair => pair.Key.UnixMs)
                .Select(pair => new HistoryPoint(pair.Key.UnixMs, pair.Value));
            Assert.Equal(expected, await ReadAsync(field.Key.Field, field.Key.Measurement));
        }
    }

    private async Task<List<HistoryPoint>> ReadAsync(string field, string measurement = "room climate")
    {
        var points = new List<HistoryPoint>();
        await foreach (var run in Query.StreamAsync(SinkRig.Device, measurement, field, 0, long.MaxValue, Token))
            points.AddRange(run);
        return points;
    }

    private void AssertBlocksDoNotOverlap() =>
        Assert.Equal(
            0,
            Number(
                "SELECT count(*) FROM blocks a JOIN blocks b ON a.series = b.series AND a.first < b.first "
                    + "AND a.last >= b.first"
            )
        );

    private long Number(string sql)
    {
        using var connection = new HistoryDatabase(_rig.Folder).OpenReader();
        using var command = connection.Command(sql);
        return command.ExecuteScalar() is long number ? number : 0;
    }

    private void Run(string sql)
    {
        using var connection = new HistoryDatabase(_rig.Folder).OpenWriter();
        connection.Execute(sql);
    }

    private sealed class ManualClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeMilliseconds(SinkRig.Start);

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Now.UtcTicks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}
