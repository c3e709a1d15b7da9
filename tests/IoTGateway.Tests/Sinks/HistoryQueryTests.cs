using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks;
using IoTGateway.Sinks.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>What charts, exports and the device page read.</summary>
public sealed class HistoryQueryTests : IAsyncDisposable
{
    private readonly HistoryBed _bed = new();

    [Fact]
    public async Task Down_sampling_keeps_the_lowest_and_the_highest_of_each_step()
    {
        await _bed.WriteAsync(_bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(4000, SinkRig.Start))));
        await _bed.WriteAsync(
            _bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(96, SinkRig.Start + 4_000_000, seed: 9)))
        );
        var end = SinkRig.Start + 4_095_000;
        var chart = _bed.Query.Readings(
            SinkRig.Device,
            "room climate",
            "temperature",
            0,
            long.MaxValue,
            100,
            HistoryBed.Token
        );
        Assert.NotNull(chart);
        Assert.Equal("Cel", chart.Unit);
        Assert.InRange(chart.Points.Count, 50, 100);

        var step = ((end - SinkRig.Start) / 50) + 1;
        var all = _bed.Rig.Sent.Where(pair => pair.Key.Field == "temperature").OrderBy(pair => pair.Key.UnixMs);
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
        await _bed.WriteAsync(_bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(100, SinkRig.Start))));
        var from = SinkRig.Start + 10_000;
        var chart = _bed.Query.Readings(
            SinkRig.Device,
            "room climate",
            "temperature",
            from,
            from + 49_000,
            50,
            HistoryBed.Token
        );
        Assert.Equal(50, chart?.Points.Count);
        Assert.Null(
            _bed.Query.Readings(SinkRig.Device, "room climate", "pressure", 0, long.MaxValue, 50, HistoryBed.Token)
        );
        Assert.Null(
            _bed.Query.Readings("nobody", "room climate", "temperature", 0, long.MaxValue, 50, HistoryBed.Token)
        );
    }

    [Fact]
    public async Task Blocks_of_two_catalogs_live_side_by_side_and_the_last_row_is_the_newest()
    {
        await _bed.WriteAsync(_bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(300, SinkRig.Start))));
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
        var hash =
            await _bed.Rig.Catalogs.KeepAsync(
                SinkRig.Device,
                catalog,
                writer.ToArray(),
                TestContext.Current.CancellationToken
            ) ?? 0;
        var block = new RowBlock();
        block.Reset(sensor, 2);
        // The first falls on a stored row and replaces all of it, the second comes after all.
        (block.Times[0], block.Times[1]) = (SinkRig.Start + 5000, SinkRig.Start + 300_000);
        block.Set(0, 0, 900);
        block.Set(0, 1, 901);
        block.Set(1, 1, FieldValue.FromSingle(19.5f));
        var body = _bed.Rig.Telemetry(block);
        var batch = new JournalBatch();
        batch.Add(new JournalRecord(new JournalOffset(9000), SinkRig.Device, SinkRig.Start, hash, 0, 1, 1, body));
        batch.End = new JournalOffset(9001);
        await _bed.WriteAsync(batch);
        _bed.Rig.Sent.Remove(("room climate", "temperature", SinkRig.Start + 5000));
        await _bed.AssertStoredAsync("temperature");
        await _bed.AssertStoredAsync("co2");

        var series = Assert.Single(_bed.Query.Series(SinkRig.Device));
        Assert.Equal(SinkRig.Start + 300_000, series.LastUnixMs);
        Assert.Equal(new HistoryField("co2", "ppm", 901), series.Fields[0]);
        Assert.Equal(new HistoryField("temperature", "Cel", 19.5), series.Fields[1]);
        // Merged, it is the same.
        await _bed.WriteAsync(
            _bed.Rig.Batch(_bed.Rig.Telemetry(_bed.Rig.ClimateRows(300, SinkRig.Start + 400_000, seed: 5)))
        );
        await _bed.AssertStoredAsync("temperature");
        await _bed.AssertStoredAsync("co2");
        _bed.AssertBlocksDoNotOverlap();
    }

    [Fact]
    public async Task A_gap_is_kept_once()
    {
        var writer = new WireWriter();
        new Gap(4, ClockKind.SinceBoot, 1000, 9000, 17).Write(writer);
        for (var time = 0; time < 2; time++)
            await _bed.WriteAsync(_bed.Rig.Batch(SinkRig.Start + time, [writer.ToArray()]));
        var gap = Assert.Single(_bed.Query.Gaps(SinkRig.Device, SinkRig.Start, SinkRig.Start + 100_000));
        Assert.Equal(new HistoryGap(4, SinkRig.Start + 1000, SinkRig.Start + 9000, 17), gap);
        Assert.Empty(_bed.Query.Gaps(SinkRig.Device, 0, SinkRig.Start));
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();
}
