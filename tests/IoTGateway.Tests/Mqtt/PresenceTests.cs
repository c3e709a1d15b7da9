using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Mqtt;

/// <summary>The status topics, by a client that subscribes anew each time: what is retained, that it gets.</summary>
public sealed class PresenceTests
{
    private const string Accepted = "2003000000";

    private static Task<TestGateway> StartAsync(MosquittoServer mosquitto) =>
        TestGateway.StartAsync($"--Mqtt:Url={mosquitto.Url}", "--Mqtt:Prefix=house/iotgw");

    /// <summary>Waits until a fresh subscriber is told just this.</summary>
    private static async Task SaysAsync(MosquittoServer mosquitto, string topic, string expected)
    {
        await using var reader = await Party.ConnectAsync(Party.Options(mosquitto.Url, clientId: ""));
        await reader.SubscribeAsync($"house/iotgw/{topic}");
        await Patience.UntilAsync(() => reader.Texts.LastOrDefault() == expected, $"{topic}: {expected}");
    }

    /// <summary>Whether a fresh subscriber is told nothing: an own message is the first that comes.</summary>
    private static async Task<bool> SaysNothingAsync(MosquittoServer mosquitto, string topic)
    {
        await using var reader = await Party.ConnectAsync(Party.Options(mosquitto.Url, clientId: ""));
        await reader.SubscribeAsync($"house/iotgw/{topic}");
        await reader.PublishAsync($"house/iotgw/{topic}", "mine");
        await reader.ReceivedAsync(1);
        return reader.Texts.First() == "mine";
    }

    [Fact]
    public async Task A_device_is_online_while_its_link_is_and_offline_after()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var gateway = await StartAsync(mosquitto);
        await SaysAsync(mosquitto, "gateway/status", "online");
        var token = await gateway.AddDeviceAsync("porch");
        var link = await LinkClient.OpenAsync(gateway, token);
        await SaysAsync(mosquitto, "porch/status", "online");
        await link.CloseAsync();
        await link.DisposeAsync();
        await SaysAsync(mosquitto, "porch/status", "offline");
    }

    [Fact]
    public async Task A_broker_that_has_forgotten_everything_is_told_again()
    {
        await using var mosquitto = await MosquittoServer.StartAsync("persistence false");
        await using var gateway = await StartAsync(mosquitto);
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("porch"));
        await gateway.AddDeviceAsync("cellar");
        await SaysAsync(mosquitto, "porch/status", "online");
        await mosquitto.KillAsync();
        await mosquitto.ResumeAsync();
        await SaysAsync(mosquitto, "porch/status", "online");
        await SaysAsync(mosquitto, "cellar/status", "offline");
        await SaysAsync(mosquitto, "gateway/status", "online");
    }

    [Fact]
    public async Task A_stop_takes_everybody_offline_and_a_start_says_what_is_true_now()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var gateway = await StartAsync(mosquitto);
        var token = await gateway.AddDeviceAsync("porch");
        await using var link = await LinkClient.OpenAsync(gateway, token);
        await SaysAsync(mosquitto, "porch/status", "online");
        await gateway.StopAsync();
        await SaysAsync(mosquitto, "porch/status", "offline");
        await SaysAsync(mosquitto, "gateway/status", "offline");

        // As if this gateway had died and left it.
        await using (var liar = await Party.ConnectAsync(Party.Options(mosquitto.Url, clientId: "liar")))
            await liar.PublishAsync("house/iotgw/porch/status", "online", retain: true);
        await gateway.RestartAsync();
        await SaysAsync(mosquitto, "gateway/status", "online");
        await SaysAsync(mosquitto, "porch/status", "offline");
    }

    [Fact]
    public async Task A_removed_device_leaves_no_status_behind()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var gateway = await StartAsync(mosquitto);
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("porch"));
        await SaysAsync(mosquitto, "porch/status", "online");
        using var removed = await gateway.Client.DeleteAsync("/api/devices/porch");
        Assert.True(removed.IsSuccessStatusCode);
        await Patience.UntilAsync(() => SaysNothingAsync(mosquitto, "porch/status"), "no status");
    }

    [Fact]
    public async Task Rows_of_a_device_come_out_at_the_broker_and_the_page_of_metrics_says_so()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var gateway = await StartAsync(mosquitto);
        await using var reader = await Party.ConnectAsync(Party.Options(mosquitto.Url));
        await reader.SubscribeAsync("house/iotgw/+/telemetry/#");
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("porch"));
        await link.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5, 21, 21.5));
        await link.AcknowledgedAsync(1, 1);
        await reader.ReceivedAsync(3);
        Assert.All(
            reader.Messages,
            message => Assert.StartsWith("house/iotgw/porch/telemetry/", message.Topic, StringComparison.Ordinal)
        );
        Assert.Equal(1, await gateway.MetricAsync("iotgw_mqtt_connected"));
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("""iotgw_sink_rows{sink="mqtt"}""") == 3,
            "three rows in the metrics"
        );
    }

    [Fact]
    public async Task A_status_that_the_broker_refuses_is_counted_and_told_once()
    {
        await using var mosquitto = await MosquittoServer.StartAsync("acl_file {folder}/acl");
        await using var gateway = await StartAsync(mosquitto);
        await gateway.AddDeviceAsync("porch");
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_mqtt_status_refused_total") >= 1,
            "a refusal in the metrics"
        );
        Assert.Single(gateway.LogLines, line => line.Contains("refuses the status on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_right_after_a_reconnect_leaves_nobody_online()
    {
        using var broker = new RawBroker();
        await using var gateway = await TestGateway.StartAsync(
            $"--Mqtt:Url={broker.Url}",
            "--Mqtt:HomeAssistant=false"
        );
        await broker.AcceptAsync(Accepted);
        await AcknowledgeAsync(broker, "gateway/status");
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("porch"));
        await AcknowledgeAsync(broker, "porch/status");

        // The next connection: nothing is acknowledged, so that no device is told of before the stop.
        await broker.AcceptAsync(Accepted);
        await broker.ReadUntilAsync(0x30, "gateway/status");
        var stopping = gateway.StopAsync();
        var farewell = await broker.ReadUntilAsync(0x30, "porch/status");
        await stopping;
        Assert.EndsWith("offline", System.Text.Encoding.UTF8.GetString(farewell), StringComparison.Ordinal);
    }

    /// <summary>Reads until a status is published, and acknowledges it (§3.4).</summary>
    private static async Task AcknowledgeAsync(RawBroker broker, string topic)
    {
        var publish = await broker.ReadUntilAsync(0x30, topic);
        // Type, length, topic with its length, identifier: the test's packets are short.
        var id = 4 + ((publish[2] << 8) | publish[3]);
        await broker.SendAsync("4002" + Convert.ToHexStringLower(publish.AsSpan(id, 2)));
    }
}
