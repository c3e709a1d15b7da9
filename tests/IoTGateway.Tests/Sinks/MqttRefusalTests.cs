using IoTGateway.Sinks.Mqtt;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Sinks;

/// <summary>What a broker does not take.</summary>
public sealed class MqttRefusalTests : IAsyncDisposable
{
    private readonly SinkRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_topic_that_the_broker_does_not_allow_keeps_the_batch_and_names_it_and_later_all_is_published()
    {
        await using var mosquitto = await MosquittoServer.StartAsync("acl_file {folder}/acl");
        using var sink = new RunningMqttSink(_rig, new MqttSinkOptions { Url = mosquitto.Url, Prefix = "forbidden" });
        var batch = _rig.Batch(_rig.Telemetry(_rig.ClimateRows(3, SinkRig.Start)));
        var verdict = await sink.WriteAsync(batch, TestContext.Current.CancellationToken);
        Assert.False(verdict.Accepted);
        Assert.Contains("'forbidden/porch.7/telemetry/room climate'", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("not authorized", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(0, sink.Counters.Rows);

        await mosquitto.StopAsync();
        await mosquitto.AllowAsync("forbidden/#");
        await mosquitto.ResumeAsync();
        await SinkRig.UntilAsync(() => sink.Connection.Connections == 2, "the next connection");
        verdict = await sink.WriteAsync(batch, TestContext.Current.CancellationToken);
        Assert.True(verdict.Accepted, verdict.Reason);
        Assert.Equal(3, sink.Counters.Rows);
    }

    [Fact]
    public async Task A_row_larger_than_the_broker_takes_is_recorded_and_the_others_are_published()
    {
        await using var mosquitto = await MosquittoServer.StartAsync("max_packet_size 120");
        using var sink = new RunningMqttSink(_rig, new MqttSinkOptions { Url = mosquitto.Url });
        await SinkRig.UntilAsync(() => sink.Connection.IsConnected, "a connection");
        var large = _rig.Telemetry(_rig.OddRows(SinkRig.Start));
        var small = _rig.Telemetry(_rig.ClimateRows(5, SinkRig.Start));
        var verdict = await sink.WriteAsync(_rig.Batch(large, small), TestContext.Current.CancellationToken);
        Assert.True(verdict.Accepted, verdict.Reason);
        Assert.Equal(5 + 7, sink.Counters.Rows + sink.Counters.Rejected);
        var rejected = _rig.Rejected.Newest("mqtt", 100);
        Assert.Equal(sink.Counters.Rejected, rejected.Count);
        Assert.NotEmpty(rejected);
        Assert.All(rejected, entry => Assert.Contains("the broker takes at most 120", entry.Row.Reason));
        Assert.All(rejected, entry => Assert.Contains("{\"time\":17000000000", entry.Row.Row));
    }
}
