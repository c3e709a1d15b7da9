using System.Globalization;
using IoTGateway.Sinks.Influx;

namespace IoTGateway.Tests.Sinks;

/// <summary>Batches that are under way at the same time: none counts before those ahead of it do.</summary>
public sealed class InfluxPipelineTests : IAsyncLifetime
{
    private const int RowsPerMessage = 1_000;

    /// <summary>Three batches or so of the rig's loop.</summary>
    private const int Messages = 45;

    /// <summary>Surely of the second batch.</summary>
    private const int Later = 25;

    private readonly InfluxStandIn _influx = new();
    private readonly HashSet<string> _stored = [];
    private readonly TaskCompletionSource _isAnswered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SinkRig Rig => _influx.Rig;

    public async ValueTask InitializeAsync()
    {
        await _influx.StartAsync();
        // The cursor follows at once.
        _influx.Use(new InfluxOptions { Bucket = "b", Resend = TimeSpan.Zero });
        for (var message = 0; message < Messages; message++)
            await Rig.AppendAsync(Rig.Telemetry(Rig.ClimateRows(RowsPerMessage, FirstMs(message), seed: message)));
    }

    public async ValueTask DisposeAsync() => await _influx.DisposeAsync();

    [Fact]
    public async Task The_cursor_stays_before_a_request_that_is_not_answered_though_the_batches_behind_it_are_taken()
    {
        _influx.Answers = async (context, lines) =>
        {
            if (Has(lines, message: 0))
                await _isAnswered.Task.WaitAsync(context.RequestAborted);
            Store(lines);
        };
        await RunAsync(runner =>
        {
            Assert.Equal(Rig.Journal.OldestOffset.Value, runner.Report().Position);
            Assert.Equal(Rig.Journal.OldestOffset, Rig.Journal.Cursors.Single().Position);
            Assert.Equal(0, runner.Report().Batches);
            Assert.Equal(0, _influx.Sink.Counters.Rows);
            return Task.CompletedTask;
        });
        Assert.Equal(Rig.Journal.OldestOffset, Rig.Journal.Cursors.Single().Position);
        // As after a crash: everything comes again.
        _isAnswered.SetResult();
        await RunAsync(UntilAllAsync);
        Assert.Equal(Messages * RowsPerMessage, _stored.Count);
    }

    [Fact]
    public async Task A_request_that_fails_brings_the_batches_behind_it_again_though_they_were_taken()
    {
        var failures = 1;
        _influx.Answers = async (context, lines) =>
        {
            if (Has(lines, message: 0) && failures-- > 0)
            {
                await _isAnswered.Task;
                await InfluxStandIn.Answer(context, 503, """{"code":"unavailable","message":"not now"}""");
                return;
            }
            Store(lines);
        };
        await RunAsync(async runner =>
        {
            _influx.Requests.Clear();
            _isAnswered.SetResult();
            await UntilAllAsync(runner);
        });
        Assert.Equal(Messages * RowsPerMessage, _influx.Requests.SelectMany(lines => lines).Distinct().Count());
        Assert.Equal(Messages * RowsPerMessage, _influx.Sink.Counters.Rows);
        Assert.Equal(Messages * RowsPerMessage, _stored.Count);
    }

    /// <summary>Runs the loop, and looks once a later batch is in the database.</summary>
    private async Task RunAsync(Func<IoTGateway.Sinks.SinkRunner, Task> look)
    {
        var runner = Rig.Runner(_influx.Sink);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await SinkRig.UntilAsync(() => IsStored(Later), "a later batch taken");
        await look(runner);
        await stop.CancelAsync();
        await running;
    }

    private static Task UntilAllAsync(IoTGateway.Sinks.SinkRunner runner) =>
        SinkRig.UntilAsync(() => runner.Report() is { LagBytes: 0, Batches: > 0 }, "all stored");

    private static long FirstMs(int message) => SinkRig.Start + (message * 10_000_000L);

    private static bool Has(string[] lines, int message) =>
        Array.Exists(lines, line => line.EndsWith(TimeOf(message), StringComparison.Ordinal));

    private static string TimeOf(int message) => string.Create(CultureInfo.InvariantCulture, $" {FirstMs(message)}");

    private void Store(string[] lines)
    {
        lock (_stored)
            _stored.UnionWith(lines);
    }

    private bool IsStored(int message)
    {
        lock (_stored)
            return Has([.. _stored], message);
    }
}
