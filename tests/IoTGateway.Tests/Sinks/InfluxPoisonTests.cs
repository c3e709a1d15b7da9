using IoTGateway.Sinks;
using IoTGateway.Sinks.Influx;
using Microsoft.AspNetCore.Http;

namespace IoTGateway.Tests.Sinks;

/// <summary>Answers that are about lines: the poison is found and set aside, the rest is stored.</summary>
public sealed class InfluxPoisonTests : IAsyncLifetime
{
    private readonly InfluxStandIn _influx = new();

    public async ValueTask InitializeAsync() => await _influx.StartAsync();

    public async ValueTask DisposeAsync() => await _influx.DisposeAsync();

    [Fact]
    public async Task A_database_that_drops_the_whole_batch_for_one_line_gets_all_others_and_the_one_is_recorded()
    {
        var stored = new HashSet<string>();
        _influx.Answers = (context, lines) =>
        {
            if (lines.Any(IsPoison))
                return InfluxStandIn.Answer(context, 400, """{"code":"invalid","message":"unable to parse"}""");
            stored.UnionWith(lines);
            return InfluxStandIn.Answer(context, 204);
        };
        Assert.True((await _influx.WriteAsync(1000)).Accepted);
        Assert.Equal(999, stored.Count);
        Assert.Equal(1, _influx.Sink.Counters.Rejected);
        Assert.Equal(999, _influx.Sink.Counters.Rows);
        var entry = Assert.Single(_influx.Rig.Rejected.Newest("influx", 10)).Row;
        Assert.True(IsPoison(entry.Row));
        Assert.Contains("unable to parse", entry.Reason, StringComparison.Ordinal);
        Assert.Equal(SinkRig.Device, entry.Device);
        Assert.InRange(_influx.Requests.Count, 2, 25);
    }

    [Fact]
    public async Task When_all_lines_of_a_request_are_dropped_they_are_recorded_without_a_search()
    {
        _influx.Answers = (context, lines) =>
            InfluxStandIn.Answer(
                context,
                422,
                $$"""{"code":"x","message":"partial write: conflict dropped={{lines.Length}}"}"""
            );
        Assert.True((await _influx.WriteAsync(500)).Accepted);
        Assert.Equal(500, _influx.Sink.Counters.Rejected);
        Assert.Single(_influx.Requests);
    }

    [Fact]
    public async Task The_third_500_starts_a_search_for_the_line_that_causes_it()
    {
        _influx.Answers = (context, lines) => InfluxStandIn.Answer(context, lines.Any(IsPoison) ? 500 : 204);
        var batch = _influx.Rig.Batch(_influx.Rig.Telemetry(_influx.Rig.ClimateRows(100, SinkRig.Start)));
        var token = TestContext.Current.CancellationToken;
        Assert.False((await _influx.Sink.WriteAsync(batch, token)).Accepted);
        Assert.False((await _influx.Sink.WriteAsync(batch, token)).Accepted);
        Assert.Equal(2, _influx.Requests.Count);
        Assert.True((await _influx.Sink.WriteAsync(batch, token)).Accepted);
        Assert.Equal(1, _influx.Sink.Counters.Rejected);
        Assert.True(IsPoison(Assert.Single(_influx.Rig.Rejected.Newest("influx", 10)).Row.Row));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_to_a_page_that_answers_200()
    {
        _influx.Answers = (context, _) =>
        {
            context.Response.Headers.Location = "/login";
            return InfluxStandIn.Answer(context, 302);
        };
        var verdict = await _influx.WriteAsync(1);
        Assert.False(verdict.Accepted);
        Assert.Contains("redirects", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal("/api/v2/write", _influx.Path);
    }

    [Theory]
    [InlineData(500, 1000)]
    [InlineData(500, 3)]
    [InlineData(400, 1000)]
    [InlineData(400, 3)]
    public async Task A_server_that_refuses_everything_without_a_databases_word_rejects_nothing(int status, int rows)
    {
        _influx.Answers = (context, _) => InfluxStandIn.Answer(context, status, "no");
        var batch = _influx.Rig.Batch(_influx.Rig.Telemetry(_influx.Rig.ClimateRows(rows, SinkRig.Start)));
        for (var attempt = 0; attempt < 9; attempt++)
            Assert.False((await _influx.Sink.WriteAsync(batch, TestContext.Current.CancellationToken)).Accepted);
        Assert.Equal(0, _influx.Sink.Counters.Rejected);
        Assert.InRange(_influx.Requests.Count, 9, 9 * 50);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_halved_until_it_fits()
    {
        var stored = new HashSet<string>();
        _influx.Answers = (context, lines) =>
        {
            if (lines.Length > 100)
                return InfluxStandIn.Answer(context, 413, "too large");
            stored.UnionWith(lines);
            return InfluxStandIn.Answer(context, 204);
        };
        Assert.True((await _influx.WriteAsync(1000)).Accepted);
        Assert.Equal(1000, stored.Count);
        Assert.Equal(0, _influx.Sink.Counters.Rejected);
    }

    [Fact]
    public async Task A_cancelled_write_ends_at_once_and_the_batch_can_come_again()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _influx.Answers = async (context, _) =>
        {
            arrived.TrySetResult();
            await hold.Task.WaitAsync(context.RequestAborted);
        };
        using var stop = new CancellationTokenSource();
        var batch = _influx.Rig.Batch(_influx.Rig.Telemetry(_influx.Rig.ClimateRows(5, SinkRig.Start)));
        var writing = _influx.Sink.WriteAsync(batch, stop.Token).AsTask();
        await arrived.Task;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        _influx.Answers = (context, _) => InfluxStandIn.Answer(context, 204);
        Assert.True((await _influx.Sink.WriteAsync(batch, TestContext.Current.CancellationToken)).Accepted);
    }

    [Fact]
    public async Task A_server_that_is_not_there_keeps_the_batch()
    {
        var batch = _influx.Rig.Batch(_influx.Rig.Telemetry(_influx.Rig.ClimateRows(5, SinkRig.Start)));
        await (_influx.Server ?? throw new InvalidOperationException()).StopAsync();
        var verdict = await _influx.Sink.WriteAsync(batch, TestContext.Current.CancellationToken);
        Assert.False(verdict.Accepted);
        Assert.Contains("Influx:Url", verdict.Reason, StringComparison.Ordinal);
    }

    private static bool IsPoison(string line) => line.EndsWith(" 1700000037000", StringComparison.Ordinal);
}
