using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks;
using IoTGateway.Sinks.Mqtt;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Sinks;

/// <summary>On mosquitto, with a client of its own that reads along.</summary>
public sealed class MqttContractTests : SinkContract
{
    private MosquittoServer? _server;
    private TelemetryReader? _reader;

    private MosquittoServer Server => _server ?? throw new InvalidOperationException("Not started.");

    private TelemetryReader Reader => _reader ?? throw new InvalidOperationException("Not started.");

    public override async ValueTask InitializeAsync()
    {
        _server = await MosquittoServer.StartAsync("max_inflight_messages 0", "max_queued_messages 0");
        _reader = await TelemetryReader.StartAsync(_server.Url);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_reader is not null)
            await _reader.DisposeAsync();
        await base.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private protected override ISink CreateSink() => new RunningMqttSink(Rig, Options);

    private MqttSinkOptions Options => new() { Url = Server.Url, LongestBackoff = TimeSpan.FromMilliseconds(20) };

    private protected override Task BreakAsync() => Server.StopAsync();

    private protected override Task RepairAsync() => Server.ResumeAsync();

    private protected override Task<Dictionary<(string, string, long), double>> ReadBackAsync() =>
        Reader.ReadAsync(Rig.Sent.Count);

    [Fact]
    public async Task A_row_is_one_message_with_exactly_the_devices_digits()
    {
        using var sink = (RunningMqttSink)CreateSink();
        var block = new RowBlock();
        block.Reset(SinkRig.Climate, 3);
        for (var row = 0; row < 3; row++)
            block.Times[row] = SinkRig.Start + row;
        block.Set(0, 0, 2137);
        block.Set(1, 0, 455);
        block.Set(0, 1, -7);
        var batch = Rig.Batch(Rig.Telemetry(block));
        Assert.True((await sink.WriteAsync(batch, TestContext.Current.CancellationToken)).Accepted);
        await ReadBackAsync();
        const string Topic = "iotgw/porch.7/telemetry/room climate";
        // The third row has no values.
        Assert.Equal(
            [
                (Topic, """{"time":1700000000000,"temperature":21.37,"humidity":45.5}"""),
                (Topic, """{"time":1700000000001,"temperature":-0.07}"""),
            ],
            Reader.Messages
        );
    }

    /// <summary>
    /// Each end is a kill -9. Mosquitto hands a message to its subscribers before it acknowledges, but only to
    /// those that are there: so each end waits until the reader is back and has all that was acknowledged meanwhile, to
    /// the end of the batch that was under way then. The orderly end at the beginning puts the reader's session on disk.
    /// </summary>
    [Fact]
    public async Task Killed_and_started_again_twenty_times_under_load_the_broker_gets_every_row_in_order()
    {
        using var sink = (RunningMqttSink)CreateSink();
        var runner = Rig.Runner(sink);
        using var stop = new CancellationTokenSource();
        await Server.StopAsync();
        await Server.ResumeAsync();
        var running = runner.RunAsync(stop.Token);
        using var enough = new CancellationTokenSource();
        var load = LoadAsync(enough.Token);
        for (var kill = 1; kill <= 20; kill++)
        {
            await SinkRig.UntilAsync(
                () => Reader.Connections > kill && sink.Connection.Connections >= kill,
                $"connections in round {kill}"
            );
            var before = sink.Counters.Rows;
            await SinkRig.UntilAsync(() => sink.Counters.Rows > before, $"a batch in round {kill}");
            var acknowledged = sink.Counters.Rows;
            await SinkRig.UntilAsync(() => Reader.Different >= acknowledged, $"its messages in round {kill}");
            await Server.KillAsync();
            await Server.ResumeAsync();
        }
        await enough.CancelAsync();
        await load;
        await SinkRig.UntilAsync(() => runner.Report().LagBytes == 0, "caught up");
        await stop.CancelAsync();
        await running;
        await AssertStoredAsync();
        // Each row comes first in its place; what comes again may come whenever.
        var first = Reader.Messages.Distinct().Select(message => TimeOf(message.Text)).ToArray();
        Assert.Equal(first.Order(), first);
        Assert.Equal(Rig.Sent.Keys.Select(key => key.UnixMs).Distinct().Count(), first.Length);
        Assert.True(sink.Connection.Connections >= 20);
    }

    [Fact]
    public async Task A_backlog_of_twenty_thousand_rows_is_published_in_order_also_over_a_restart_of_the_gateway()
    {
        const int Messages = 84;
        const int RowsEach = 250;
        await BreakAsync();
        for (var message = 0; message < Messages; message++)
            await Rig.AppendAsync(
                Rig.Telemetry(
                    Rig.ClimateRows(RowsEach, SinkRig.Start + ((long)message * RowsEach * 1000), seed: message)
                )
            );
        await RepairAsync();
        await RunUntilAsync(rows => rows > 5_000);
        await Rig.Journal.DisposeAsync();
        Rig.OpenJournal();
        await RunUntilAsync(_ => Reader.Different == Messages * RowsEach);
        await AssertStoredAsync();
        var first = Reader.Messages.Distinct().Select(message => TimeOf(message.Text)).ToArray();
        Assert.Equal(first.Order(), first);
    }

    /// <summary>Runs a sink as one run of the gateway does.</summary>
    private async Task RunUntilAsync(Func<long, bool> isEnough)
    {
        using var sink = (RunningMqttSink)CreateSink();
        using var stop = new CancellationTokenSource();
        var running = Rig.Runner(sink).RunAsync(stop.Token);
        await SinkRig.UntilAsync(() => isEnough(sink.Counters.Rows), $"enough rows, {Reader.Different} are there");
        await stop.CancelAsync();
        await running;
    }

    private async Task LoadAsync(CancellationToken enough)
    {
        for (var message = 0; !enough.IsCancellationRequested; message++)
        {
            await Rig.AppendAsync(
                Rig.Telemetry(Rig.ClimateRows(20, SinkRig.Start + (message * 20_000), seed: message))
            );
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    private static long TimeOf(string text) => System.Text.Json.JsonElement.Parse(text).GetProperty("time").GetInt64();
}
