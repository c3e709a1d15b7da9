using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks;
using IoTGateway.Sinks.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>Damage, failures half way, and everything at once.</summary>
public sealed class HistoryFaultTests : IAsyncDisposable
{
    private readonly HistoryBed _bed = new();

    [Fact]
    public async Task A_damaged_block_is_skipped_and_counted_and_its_neighbours_stay_readable()
    {
        for (var day = 0; day < 3; day++)
            await _bed.WriteAsync(
                _bed.Rig.Batch(
                    _bed.Rig.Telemetry(_bed.Rig.ClimateRows(3000, SinkRig.Start + (day * 86_400_000L), seed: day))
                )
            );
        _bed.Run(
            "UPDATE blocks SET data = CAST(substr(data, 1, 99) || x'00' || substr(data, 101) AS BLOB) "
                + "WHERE first = (SELECT first FROM blocks ORDER BY first LIMIT 1 OFFSET 1)"
        );
        var stored = await _bed.ReadAsync("temperature");
        Assert.Equal(6000, stored.Count);
        Assert.True(_bed.Damage.Met > 0);
        // New rows in its range find it, put it aside, and are stored.
        await _bed.WriteAsync(
            _bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(300, SinkRig.Start + 86_400_000L + 1500, seed: 77)))
        );
        Assert.Equal(6300, (await _bed.ReadAsync("temperature")).Count);
        Assert.Equal(1, _bed.Number("SELECT count(*) FROM damaged"));
        _bed.AssertBlocksDoNotOverlap();
    }

    [Fact]
    public async Task A_reader_in_the_middle_of_a_stream_and_the_writer_do_not_wait_for_each_other()
    {
        for (var part = 0; part < 5; part++)
            await _bed.WriteAsync(
                _bed.Rig.Batch(
                    _bed.Rig.Telemetry(_bed.Rig.ClimateRows(4000, SinkRig.Start + (part * 4_000_000L), seed: part))
                )
            );
        var count = 0;
        var stream = _bed.Query.StreamAsync(
            SinkRig.Device,
            "room climate",
            "temperature",
            0,
            long.MaxValue,
            HistoryBed.Token
        );
        await foreach (var run in stream)
        {
            count += run.Count;
            if (count <= 4000)
                await _bed.WriteAsync(
                    _bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(3, SinkRig.Start + 30_000_000L)))
                );
        }
        Assert.Equal(20_003, count);
    }

    [Fact]
    public async Task A_batch_that_fails_half_way_leaves_nothing_behind_and_the_next_attempt_stores_it_all()
    {
        _bed.Run("CREATE TRIGGER broken BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'power cut'); END");
        var batch = _bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(20, SinkRig.Start)));
        var verdict = await _bed.Sink.WriteAsync(batch, HistoryBed.Token);
        Assert.False(verdict.Accepted);
        Assert.Contains("power cut", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("history.db", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(0, _bed.Number("SELECT count(*) FROM series"));
        _bed.Run("DROP TRIGGER broken");
        await _bed.WriteAsync(batch);
        await _bed.AssertStoredAsync();
        Assert.Equal(batch.End, _bed.Sink.Position);
    }

    [Fact]
    public async Task Any_image_of_the_disk_goes_on_where_its_rows_end()
    {
        var batches = new List<JournalBatch>();
        for (var message = 0; message < 60; message++)
            batches.Add(
                _bed.Rig.Batch(
                    _bed.Rig.Telemetry(_bed.Rig.ClimateRows(20, SinkRig.Start + (message * 20_000), seed: message))
                )
            );
        var images = new List<string>();
        foreach (var batch in batches)
        {
            await _bed.WriteAsync(batch);
            if (images.Count < 12 && batch.End.Value % 5 == 1)
                images.Add(_bed.CopyOfTheDisk($"image{batch.End.Value}"));
        }
        Assert.Equal(12, images.Count);
        foreach (var image in images)
        {
            using var sink = _bed.Open(HistoryBed.Forever, image);
            var place = sink.Position ?? throw new InvalidOperationException("History keeps its place.");
            Assert.Equal($"image{place.Value}", Path.GetFileName(image));
            foreach (var batch in batches.Where(batch => batch.End > place))
                Assert.True((await sink.WriteAsync(batch, HistoryBed.Token)).Accepted);
            var query = new HistoryQuery(SinkRig.History(image), _bed.Damage);
            var expected = _bed.Rig.Sent.Count(pair => pair.Key.Field == "temperature");
            var chart = query.Readings(
                SinkRig.Device,
                "room climate",
                "temperature",
                0,
                long.MaxValue,
                9999,
                HistoryBed.Token
            );
            Assert.Equal(expected, chart?.Points.Count);
        }
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();
}
