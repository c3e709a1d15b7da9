using IoTGateway.Journal;
using IoTGateway.Sinks;

namespace IoTGateway.Tests.Sinks;

public sealed class SinkRunnerTests : IAsyncDisposable
{
    private readonly SinkRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task An_exception_neither_ends_the_loop_nor_loses_the_batch()
    {
        var sink = new ScriptedSink(attempt =>
            attempt switch
            {
                1 => throw new InvalidOperationException("a bug"),
                2 => throw new IOException("a disk"),
                3 => throw new OperationCanceledException("not ours"),
                _ => SinkVerdict.Accept,
            }
        );
        var runner = _rig.Runner(sink);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await _rig.AppendAsync(_rig.Telemetry(_rig.ClimateRows(5, SinkRig.Start)));
        await SinkRig.UntilAsync(() => runner.Report() is { LagBytes: 0, Batches: 1 }, "accepted");
        Assert.Equal(4, sink.Attempts);
        Assert.Equal(3, runner.Report().Retries);
        Assert.Equal([1, 1, 1, 1], sink.Records);
        Assert.Null(runner.Report().Problem);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_kept_batch_holds_its_place_in_the_journal_and_the_report_tells_why()
    {
        var sink = new ScriptedSink(_ => SinkVerdict.Keep("the database is asleep; wake it"));
        var runner = _rig.Runner(sink);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await _rig.AppendAsync(_rig.Telemetry(_rig.ClimateRows(5, SinkRig.Start)));
        await SinkRig.UntilAsync(() => runner.Report().Retries > 2, "retries");
        var report = runner.Report();
        Assert.Contains("the database is asleep; wake it", report.Problem, StringComparison.Ordinal);
        Assert.Equal(0, report.Batches);
        Assert.True(report.LagBytes > 0);
        Assert.True(report.Behind > TimeSpan.FromDays(1), "the message is from 2023");
        Assert.Equal(_rig.Journal.OldestOffset.Value, report.Position);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_backlog_comes_in_bounded_batches_in_order_and_each_message_once()
    {
        for (var i = 0; i < 100; i++)
            await _rig.AppendAsync(_rig.Telemetry(_rig.ClimateRows(1000, SinkRig.Start + i, seed: i)));
        var sink = new ScriptedSink(_ => SinkVerdict.Accept);
        var runner = _rig.Runner(sink);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await SinkRig.UntilAsync(() => runner.Report() is { LagBytes: 0, Batches: > 0 }, "caught up");
        await stop.CancelAsync();
        await running;
        Assert.Equal(100, sink.Records.Sum());
        Assert.InRange(sink.Records.Count, 3, 20);
        Assert.Equal(sink.Offsets.Order(), sink.Offsets);
        Assert.Equal(100, sink.Offsets.Distinct().Count());
    }

    [Fact]
    public void Rejected_rows_are_bounded_and_kept_once()
    {
        var rows = Enumerable
            .Range(0, RejectedRows.PerSink + 5)
            .Select(i => new RejectedRow("d", i, $"row {i}", "why"))
            .ToList();
        Assert.Equal(rows.Count, _rig.Rejected.Add("influx", rows));
        Assert.Equal(1, _rig.Rejected.Add("mqtt", [rows[0]]));
        Assert.Equal(0, _rig.Rejected.Add("influx", rows.GetRange(100, 10)));
        var newest = _rig.Rejected.Newest("influx", int.MaxValue);
        Assert.Equal(RejectedRows.PerSink, newest.Count);
        Assert.Equal(rows[^1], newest[0].Row);
        Assert.Equal(rows[5], newest[^1].Row);
        Assert.Single(_rig.Rejected.Newest("mqtt", 10));
    }

    private sealed class ScriptedSink(Func<int, SinkVerdict> script) : ISink
    {
        public string Name => "scripted";

        public SinkCounters Counters { get; } = new();

        public JournalOffset? Position => null;

        public int Attempts { get; private set; }

        public List<int> Records { get; } = [];

        public List<long> Offsets { get; } = [];

        public ValueTask<SinkVerdict> WriteAsync(JournalBatch batch, CancellationToken cancellationToken)
        {
            Records.Add(batch.Count);
            foreach (ref readonly var record in batch.Records)
                Offsets.Add(record.Offset.Value);
            return ValueTask.FromResult(script(++Attempts));
        }
    }
}
