using IoTGateway.Journal;
using IoTGateway.Sinks;
using IoTGateway.Sinks.Influx;
using IoTGateway.Tests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>Real databases killed under load, and a stand-in that is busy, slow or silent.</summary>
public sealed class InfluxOutageTests : IAsyncLifetime
{
    private const int Kills = 6;

    private readonly InfluxStandIn _influx = new();

    private SinkRig Rig => _influx.Rig;

    public async ValueTask InitializeAsync() => await _influx.StartAsync();

    public async ValueTask DisposeAsync() => await _influx.DisposeAsync();

    [Fact]
    public async Task InfluxDB_killed_again_and_again_under_load_ends_with_every_value_once()
    {
        await using var server = await InfluxDbServer.StartAsync();
        var options = new InfluxOptions
        {
            Url = server.Url,
            Version = 1,
            Database = InfluxDbServer.Database,
        };
        await KillUnderLoadAsync(options, server.StopAsync, server.ResumeAsync);
        var stored = await server.ReadAsync(SinkRig.Device);
        Assert.Equal(Rig.Sent.Count, stored.Count);
        Assert.All(Rig.Sent, sent => Assert.Equal(sent.Value, stored[sent.Key]));
    }

    [Fact]
    public async Task VictoriaMetrics_killed_again_and_again_under_load_ends_with_every_value_once_though_it_forgets_what_it_took()
    {
        await using var server = await VictoriaMetricsServer.StartAsync();
        await KillUnderLoadAsync(
            new InfluxOptions { Url = server.Url, Bucket = "b" },
            server.KillAsync,
            server.ResumeAsync
        );
        var (stored, samples) = await server.ReadAsync(SinkRig.Device);
        Assert.Equal(samples, stored.Count);
        Assert.Equal(Rig.Sent.Count, stored.Count);
        Assert.All(
            Rig.Sent,
            sent => Assert.Equal(sent.Value, stored[($"{sent.Key.Measurement}_{sent.Key.Field}", sent.Key.UnixMs)], 9)
        );
    }

    [Fact]
    public async Task A_database_that_takes_too_long_for_large_requests_gets_smaller_ones_until_it_manages()
    {
        const int Manages = 100;
        const int Rows = 600;
        var clock = new FakeTimeProvider();
        var stored = new HashSet<string>();
        using var hangs = new SemaphoreSlim(0);
        _influx.Answers = async (context, lines) =>
        {
            if (lines.Length <= Manages)
            {
                lock (stored)
                    stored.UnionWith(lines);
                return;
            }
            hangs.Release();
            await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        };
        _influx.Clock = clock;
        _influx.Use(new InfluxOptions { Bucket = "b" });
        var accepted = false;
        for (var attempt = 0; attempt < 10 && !accepted; attempt++)
        {
            var writing = _influx.WriteAsync(Rows).AsTask();
            var hanging = hangs.WaitAsync(TestContext.Current.CancellationToken);
            if (await Task.WhenAny(writing, hanging) == hanging)
                clock.Advance(TimeSpan.FromSeconds(31));
            accepted = (await writing).Accepted;
        }
        Assert.True(accepted, "It never got requests that it manages.");
        Assert.Equal(Rows, stored.Count);
        Assert.Equal(
            [600, 300, 150],
            _influx.Requests.Select(request => request.Length).Where(lines => lines > Manages)
        );
    }

    [Fact]
    public async Task A_429_with_Retry_After_is_left_alone_for_so_long()
    {
        var clock = new FakeTimeProvider();
        var answers = 0;
        _influx.Answers = (context, _) =>
        {
            if (Interlocked.Increment(ref answers) > 1)
                return InfluxStandIn.Answer(context, 204);
            context.Response.Headers.RetryAfter = "90";
            return InfluxStandIn.Answer(context, 429, """{"code":"too many requests","message":"slow down"}""");
        };
        var runner = new SinkRunner(
            _influx.Sink,
            Rig.Journal,
            new IoTGateway.Devices.DeviceStatuses(),
            SinkRunnerOptions.Default,
            clock,
            NullLogger<SinkRunner>.Instance
        );
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await Rig.AppendAsync(Rig.Telemetry(Rig.ClimateRows(5, SinkRig.Start)));
        await SinkRig.UntilAsync(() => runner.Report().Retries == 1, "the 429");
        await clock.TimerArmedAsync();
        clock.Advance(TimeSpan.FromSeconds(89));
        await clock.TimerArmedAsync();
        Assert.Equal(1, answers);
        clock.Advance(TimeSpan.FromSeconds(2));
        await SinkRig.UntilAsync(() => runner.Report().LagBytes == 0, "stored");
        Assert.Equal(2, answers);
        await stop.CancelAsync();
        await running;
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(401)]
    [InlineData(0)]
    public async Task A_long_outage_of_any_kind_loses_and_doubles_nothing(int status)
    {
        var stored = new List<string>();
        var isWell = false;
        _influx.Answers = (context, lines) =>
        {
            if (isWell)
                lock (stored)
                    stored.AddRange(lines);
            if (status == 0 && !isWell)
                context.Abort();
            return isWell || status == 0
                ? Task.CompletedTask
                : InfluxStandIn.Answer(context, status, """{"code":"x","message":"not now"}""");
        };
        _influx.Use(new InfluxOptions { Bucket = "b", Resend = TimeSpan.Zero });
        var runner = Rig.Runner(_influx.Sink);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        for (var message = 0; message < 50; message++)
            await Rig.AppendAsync(
                Rig.Telemetry(Rig.ClimateRows(10, SinkRig.Start + (message * 10_000), seed: message))
            );
        await SinkRig.UntilAsync(() => runner.Report().Retries > 4, "an outage");
        Assert.Equal(0, Rig.Rejected.Count("influx"));
        isWell = true;
        await SinkRig.UntilAsync(() => runner.Report().LagBytes == 0, "caught up");
        Assert.Equal(500, stored.Count);
        Assert.Equal(500, stored.Distinct().Count());
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_was_taken_shortly_before_the_database_vanished_is_sent_again_and_no_more_than_that()
    {
        var clock = new FakeTimeProvider();
        _influx.Use(new InfluxOptions { Bucket = "b", Resend = TimeSpan.FromSeconds(30) });
        var runner = new SinkRunner(
            _influx.Sink,
            Rig.Journal,
            new IoTGateway.Devices.DeviceStatuses(),
            SinkRunnerOptions.Default with
            {
                Linger = TimeSpan.Zero,
            },
            clock,
            NullLogger<SinkRunner>.Instance
        );
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        for (var minute = 0; minute < 3; minute++)
        {
            await SendAsync(minute);
            await SinkRig.UntilAsync(() => runner.Report().LagBytes == 0, $"stored {minute}");
            clock.Advance(TimeSpan.FromSeconds(20));
        }
        _influx.Requests.Clear();
        var isAway = true;
        _influx.Answers = (context, _) =>
        {
            if (isAway)
                context.Abort();
            return Task.CompletedTask;
        };
        await SendAsync(3);
        await SinkRig.UntilAsync(() => runner.Report().Retries >= 1, "away");
        isAway = false;
        _influx.Requests.Clear();
        await clock.TimerArmedAsync();
        clock.Advance(TimeSpan.FromMinutes(2));
        await SinkRig.UntilAsync(() => _influx.Requests.Count >= 2 && runner.Report().LagBytes == 0, "sent again");
        var again = _influx
            .Requests.SelectMany(lines => lines)
            .Distinct()
            .Select(line => line.Split(' ')[^1])
            .ToArray();
        Assert.DoesNotContain($"{SinkRig.Start}", again);
        Assert.Contains($"{SinkRig.Start + 120_000}", again);
        Assert.Contains($"{SinkRig.Start + 180_000}", again);
        await stop.CancelAsync();
        await running;

        Task SendAsync(int minute) =>
            Rig.AppendAsync(Rig.Telemetry(Rig.ClimateRows(1, SinkRig.Start + (minute * 60_000), seed: minute)));
    }

    [Fact]
    public async Task On_a_quiet_line_the_cursor_follows_by_itself_once_all_has_settled()
    {
        var clock = new FakeTimeProvider();
        _influx.Use(new InfluxOptions { Bucket = "b", Resend = TimeSpan.FromSeconds(30) });
        var runner = new SinkRunner(
            _influx.Sink,
            Rig.Journal,
            new IoTGateway.Devices.DeviceStatuses(),
            SinkRunnerOptions.Default,
            clock,
            NullLogger<SinkRunner>.Instance
        );
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await Rig.AppendAsync(Rig.Telemetry(Rig.ClimateRows(5, SinkRig.Start)));
        await SinkRig.UntilAsync(() => runner.Report().LagBytes == 0, "stored");
        Assert.True(Assert.Single(Rig.Journal.Cursors).LagBytes > 0);
        await clock.TimerArmedAsync();
        clock.Advance(TimeSpan.FromSeconds(31));
        await SinkRig.UntilAsync(() => Assert.Single(Rig.Journal.Cursors).LagBytes == 0, "settled");
        await stop.CancelAsync();
        await running;
    }

    private async Task KillUnderLoadAsync(InfluxOptions options, Func<Task> kill, Func<Task> resume)
    {
        using var sink = new InfluxSink(
            options,
            Rig.Catalogs,
            Rig.Rejected,
            TimeProvider.System,
            NullLogger<InfluxSink>.Instance,
            InfluxClient.CreateHandler()
        );
        var runner = Rig.Runner(sink);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        var random = new Random(11);
        var message = 0;
        for (var round = 0; round < Kills; round++)
        {
            var until = message + 150;
            var killAt = random.Next(message, until);
            for (; message < until; message++)
            {
                await Rig.AppendAsync(
                    Rig.Telemetry(Rig.ClimateRows(20, SinkRig.Start + (message * 20_000L), seed: message))
                );
                if (message == killAt)
                    await kill();
            }
            await resume();
        }
        await SinkRig.UntilAsync(() => runner.Report() is { LagBytes: 0, Problem: null }, "caught up");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seed 11: {Kills} kills, {message} messages, {Rig.Sent.Count} values, {runner.Report().Retries} retries"
        );
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, Rig.Rejected.Count("influx"));
    }
}
