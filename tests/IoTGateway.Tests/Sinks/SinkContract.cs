using IoTGateway.Sinks;

namespace IoTGateway.Tests.Sinks;

/// <summary>What every sink must do, run against its real database.</summary>
public abstract class SinkContract : IAsyncLifetime
{
    private protected SinkRig Rig { get; } = new();

    /// <summary>Starts the database, or skips.</summary>
    public abstract ValueTask InitializeAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Rig.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A new sink on the same database, as after a restart.</summary>
    private protected abstract ISink CreateSink();

    private protected abstract Task BreakAsync();

    private protected abstract Task RepairAsync();

    /// <summary>Every value of the rig's device in the database.</summary>
    private protected abstract Task<Dictionary<(string, string, long), double>> ReadBackAsync();

    /// <summary>What the database itself loses, as a share of the largest value of a series.</summary>
    private protected virtual double Loss => 0;

    private protected async Task AssertStoredAsync()
    {
        var stored = await ReadBackAsync();
        Assert.Equal(Rig.Sent.Count, stored.Count);
        foreach (var series in Rig.Sent.GroupBy(pair => (pair.Key.Measurement, pair.Key.Field)))
        {
            var loss = Loss * series.Max(pair => Math.Abs(pair.Value));
            foreach (var (key, value) in series)
                Assert.True(
                    stored.TryGetValue(key, out var found) && Same(value, found, loss),
                    $"{key}: {value}, {found}"
                );
        }
    }

    /// <summary>A float32 is written with its own shortest digits, so a double reads back as those digits.</summary>
    private static bool Same(double sent, double stored, double loss) =>
        sent == stored || (float)sent == (float)stored || Math.Abs(sent - stored) <= loss;

    private static async Task StopAsync(Task running, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Every_value_reads_back_as_it_was_sent()
    {
        using var sink = (IDisposable)CreateSink();
        var batch = Rig.Batch(
            Rig.Telemetry(Rig.ClimateRows(300, SinkRig.Start), Rig.FanRows(50, SinkRig.Start)),
            Rig.Telemetry(Rig.ClimateRows(1, SinkRig.Start - 86_400_000))
        );
        var verdict = await ((ISink)sink).WriteAsync(batch, TestContext.Current.CancellationToken);
        Assert.True(verdict.Accepted, verdict.Reason);
        await AssertStoredAsync();
        Assert.Equal(351, ((ISink)sink).Counters.Rows);
        Assert.Equal(Rig.Sent.Count, ((ISink)sink).Counters.Readings);
    }

    [Fact]
    public async Task Odd_names_and_extreme_values_survive()
    {
        using var sink = (IDisposable)CreateSink();
        var batch = Rig.Batch(Rig.Telemetry(Rig.OddRows(SinkRig.Start)));
        var verdict = await ((ISink)sink).WriteAsync(batch, TestContext.Current.CancellationToken);
        Assert.True(verdict.Accepted, verdict.Reason);
        Assert.Equal(0, ((ISink)sink).Counters.Rejected);
        await AssertStoredAsync();
    }

    [Fact]
    public async Task The_same_messages_again_change_nothing()
    {
        using var sink = (IDisposable)CreateSink();
        var body = Rig.Telemetry(Rig.ClimateRows(300, SinkRig.Start), Rig.FanRows(50, SinkRig.Start));
        for (var time = 0; time < 3; time++)
        {
            var verdict = await ((ISink)sink).WriteAsync(Rig.Batch(body), TestContext.Current.CancellationToken);
            Assert.True(verdict.Accepted, verdict.Reason);
        }
        await AssertStoredAsync();
    }

    [Fact]
    public async Task An_outage_keeps_the_batch_and_says_why_and_then_everything_is_stored()
    {
        using var sink = (IDisposable)CreateSink();
        var runner = Rig.Runner((ISink)sink);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await Rig.AppendAsync(Rig.Telemetry(Rig.ClimateRows(20, SinkRig.Start)));
        await SinkRig.UntilAsync(() => runner.Report() is { Batches: > 0, LagBytes: 0 }, "first batch");

        await BreakAsync();
        for (var minute = 1; minute <= 20; minute++)
            await Rig.AppendAsync(Rig.Telemetry(Rig.ClimateRows(20, SinkRig.Start + (minute * 60_000), seed: minute)));
        await SinkRig.UntilAsync(() => runner.Report().Retries > 2, "retries");
        var during = runner.Report();
        Assert.Contains(((ISink)sink).Name, during.Problem, StringComparison.Ordinal);
        Assert.True(during.LagBytes > 0);
        Assert.True(during.Behind > TimeSpan.Zero);

        await RepairAsync();
        await SinkRig.UntilAsync(() => runner.Report().LagBytes == 0, "caught up");
        Assert.Null(runner.Report().Problem);
        Assert.NotNull(runner.Report().LastError);
        await StopAsync(running, stop);
        await AssertStoredAsync();
    }

    [Fact]
    public async Task A_message_that_does_not_decode_is_skipped_and_counted_and_the_rest_is_stored()
    {
        using var sink = (IDisposable)CreateSink();
        var good = Rig.Telemetry(Rig.ClimateRows(10, SinkRig.Start));
        var batch = Rig.Batch(good, [0x03, 1, 2, 3], [0x7F], [], Rig.Telemetry(Rig.FanRows(5, SinkRig.Start)));
        var verdict = await ((ISink)sink).WriteAsync(batch, TestContext.Current.CancellationToken);
        Assert.True(verdict.Accepted, verdict.Reason);
        Assert.Equal(1, ((ISink)sink).Counters.DamagedRecords);
        await AssertStoredAsync();
    }

    [Fact]
    public async Task Stopping_in_an_outage_is_no_error_and_loses_nothing()
    {
        await BreakAsync();
        using (var sink = (IDisposable)CreateSink())
        {
            var runner = Rig.Runner((ISink)sink);
            using var stop = new CancellationTokenSource();
            var running = runner.RunAsync(stop.Token);
            await Rig.AppendAsync(Rig.Telemetry(Rig.ClimateRows(20, SinkRig.Start)));
            await SinkRig.UntilAsync(() => runner.Report().Retries > 0, "a retry");
            await StopAsync(running, stop);
            Assert.True(running.IsCompletedSuccessfully);
        }
        await RepairAsync();
        await RunToTheEndAsync();
        await AssertStoredAsync();
    }

    [Fact]
    public async Task A_restart_goes_on_where_it_stopped()
    {
        await Rig.AppendAsync(Rig.Telemetry(Rig.ClimateRows(20, SinkRig.Start)));
        Assert.Equal(20, await RunToTheEndAsync());

        await Rig.AppendAsync(Rig.Telemetry(Rig.ClimateRows(30, SinkRig.Start + 100_000)));
        await Rig.Journal.DisposeAsync();
        Rig.OpenJournal();
        Assert.Equal(30, await RunToTheEndAsync());
        Assert.Equal(0, await RunToTheEndAsync());
        await AssertStoredAsync();
    }

    /// <summary>Runs a new sink until it has caught up; answers how many rows it wrote.</summary>
    private async Task<long> RunToTheEndAsync()
    {
        using var sink = (IDisposable)CreateSink();
        var runner = Rig.Runner((ISink)sink);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await SinkRig.UntilAsync(() => runner.Report() is { LagBytes: 0, Position: > 0 }, "caught up");
        await StopAsync(running, stop);
        return ((ISink)sink).Counters.Rows;
    }
}
