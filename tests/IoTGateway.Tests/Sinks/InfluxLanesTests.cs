using System.Globalization;
using IoTGateway.Sinks.Influx;

namespace IoTGateway.Tests.Sinks;

/// <summary>Requests that are under way at the same time, and what is counted when one of them fails.</summary>
public sealed class InfluxLanesTests : IAsyncLifetime
{
    private const int RowsPerMessage = 1_000;
    private const int Messages = 12;

    /// <summary>Five messages fill a request.</summary>
    private static readonly int[] RequestSizes = [5_000, 5_000, 2_000];

    private readonly InfluxStandIn _influx = new();
    private readonly HashSet<string> _stored = [];

    public async ValueTask InitializeAsync() => await _influx.StartAsync();

    public async ValueTask DisposeAsync() => await _influx.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_next_requests_go_out_while_the_first_is_not_answered_yet(bool isElsewhere)
    {
        _influx.Use(new InfluxOptions { Bucket = "b" }, isElsewhere);
        var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        var lanes = isElsewhere ? InfluxSink.MostLanes : InfluxSink.MostLanesHere;
        var atOnce = Math.Min(lanes, RequestSizes.Length);
        _influx.Answers = (_, lines) =>
        {
            Store(lines);
            if (Interlocked.Increment(ref arrived) == atOnce)
                together.SetResult();
            return together.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        };
        Assert.True((await WriteAsync()).Accepted);
        Assert.Equal(RequestSizes.Order(), _influx.Requests.Select(lines => lines.Length).Order());
        AssertAllStored();
    }

    [Fact]
    public async Task After_a_failure_everything_behind_it_comes_again_and_nothing_before_it()
    {
        var failures = 1;
        _influx.Answers = (context, lines) =>
        {
            if (Starts(lines, message: 5) && failures-- > 0)
                return InfluxStandIn.Answer(context, 503, """{"code":"unavailable","message":"not now"}""");
            Store(lines);
            return Task.CompletedTask;
        };
        var batch = Batch();
        Assert.False((await WriteAsync(batch)).Accepted);
        Assert.Equal(RequestSizes[0], _influx.Sink.Counters.Rows);
        _influx.Requests.Clear();

        Assert.True((await WriteAsync(batch)).Accepted);

        Assert.Equal(RequestSizes[1..], _influx.Requests.Select(lines => lines.Length));
        Assert.True(Starts(_influx.Requests.First(), message: 5));
        AssertAllStored();
    }

    [Fact]
    public async Task A_row_refused_behind_a_failure_is_kept_once()
    {
        var failures = 1;
        var poison = LineTime(message: 11, row: 7);
        _influx.Answers = (context, lines) =>
        {
            if (Starts(lines, message: 0) && failures-- > 0)
                return InfluxStandIn.Answer(context, 503, """{"code":"unavailable","message":"not now"}""");
            if (lines.Any(line => line.EndsWith(poison, StringComparison.Ordinal)))
                return InfluxStandIn.Answer(context, 400, """{"code":"invalid","message":"field type conflict"}""");
            Store(lines);
            return Task.CompletedTask;
        };
        var batch = Batch();
        Assert.False((await WriteAsync(batch)).Accepted);
        Assert.Equal(0, _influx.Rig.Rejected.Count("influx"));

        Assert.True((await WriteAsync(batch)).Accepted);

        Assert.Equal(1, _influx.Rig.Rejected.Count("influx"));
        Assert.Equal(1, _influx.Sink.Counters.Rejected);
        Assert.Equal((Messages * RowsPerMessage) - 1, _influx.Sink.Counters.Rows);
        Assert.Equal((Messages * RowsPerMessage) - 1, _stored.Count);
    }

    [Fact]
    public async Task In_trouble_one_request_is_sent_at_a_time()
    {
        var isWell = false;
        var inHand = 0;
        var most = 0;
        _influx.Answers = async (context, lines) =>
        {
            if (!isWell)
            {
                await InfluxStandIn.Answer(context, 503, """{"code":"unavailable","message":"not now"}""");
                return;
            }
            most = Math.Max(most, Interlocked.Increment(ref inHand));
            await Task.Yield();
            Store(lines);
            Interlocked.Decrement(ref inHand);
        };
        var batch = Batch();
        Assert.False((await WriteAsync(batch)).Accepted);
        _influx.Requests.Clear();
        Assert.False((await WriteAsync(batch)).Accepted);
        Assert.Single(_influx.Requests);
        isWell = true;

        Assert.True((await WriteAsync(batch)).Accepted);

        Assert.Equal(1, most);
        AssertAllStored();
    }

    private static long FirstMs(int message) => SinkRig.Start + (message * 10_000_000L);

    private static string LineTime(int message, int row) =>
        string.Create(CultureInfo.InvariantCulture, $" {FirstMs(message) + (row * 1000)}");

    private static bool Starts(string[] lines, int message) =>
        lines[0].EndsWith(LineTime(message, row: 0), StringComparison.Ordinal);

    private ValueTask<IoTGateway.Sinks.SinkVerdict> WriteAsync(IoTGateway.Journal.JournalBatch? batch = null) =>
        _influx.Sink.WriteAsync(batch ?? Batch(), TestContext.Current.CancellationToken);

    private IoTGateway.Journal.JournalBatch Batch() =>
        _influx.Rig.Batch(
            Enumerable
                .Range(0, Messages)
                .Select(message =>
                    _influx.Rig.Telemetry(_influx.Rig.ClimateRows(RowsPerMessage, FirstMs(message), seed: message))
                )
                .ToArray()
        );

    private void Store(string[] lines)
    {
        lock (_stored)
            _stored.UnionWith(lines);
    }

    private void AssertAllStored()
    {
        Assert.Equal(Messages * RowsPerMessage, _stored.Count);
        Assert.Equal(Messages * RowsPerMessage, _influx.Sink.Counters.Rows);
        Assert.Equal(_influx.Rig.Sent.Count, _influx.Sink.Counters.Readings);
    }
}
