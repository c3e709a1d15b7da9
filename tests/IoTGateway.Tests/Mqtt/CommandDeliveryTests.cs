using System.Text;
using System.Text.Json;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Mqtt;

/// <summary>Deliveries of QoS 1 that come twice, and a subscription that is refused: by a broker made of bytes.</summary>
public sealed class CommandDeliveryTests : IDisposable
{
    private const string Accepted = "2003000000";
    private const string AcceptedWithSession = "2003010000";

    private readonly RawBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task A_command_without_an_id_that_is_delivered_again_after_a_reconnect_runs_once()
    {
        await using var gateway = await StartAsync();
        await gateway.AddDeviceAsync("roof");
        await SubscribeAsync();
        await DeliverAsync(0x32, 7);
        Assert.Equal("40020007", await PubAckAsync());
        Assert.Equal(1, await CommandsAsync(gateway));

        // As if that PUBACK had been lost.
        await _broker.AcceptAsync(AcceptedWithSession);
        await DeliverAsync(0x3A, 7);
        Assert.Equal("40020007", await PubAckAsync());
        Assert.Equal(1, await CommandsAsync(gateway));
        Assert.Equal(1, await gateway.MetricAsync("""iotgw_mqtt_commands_total{outcome="repeated"}"""));

        // The identifier is free again: this is another command, and so is a second one with another identifier.
        await DeliverAsync(0x32, 7);
        Assert.Equal("40020007", await PubAckAsync());
        await DeliverAsync(0x3A, 8);
        Assert.Equal("40020008", await PubAckAsync());
        Assert.Equal(3, await CommandsAsync(gateway));
    }

    [Fact]
    public async Task A_command_that_the_broker_delivers_with_the_connection_is_taken()
    {
        await using var gateway = await StartAsync();
        // In one piece: nothing of the gateway has heard of the connection yet.
        await _broker.AcceptAsync(AcceptedWithSession + Delivery(0x3A, 7));
        Assert.Equal("40020007", await PubAckAsync());
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("""iotgw_mqtt_commands_total{outcome="unknown_device"}""") == 1,
            "the command that came first"
        );
    }

    [Fact]
    public async Task A_subscription_that_is_refused_on_a_reconnect_is_logged_and_seen_in_the_metrics_until_it_is_granted()
    {
        await using var gateway = await StartAsync();
        await SubscribeAsync();
        await _broker.AcceptAsync(Accepted);
        await AnswerSubscribeAsync("87");
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_mqtt_subscriptions_refused") == 1,
            "the refusal in the metrics"
        );
        Assert.Single(
            gateway.LogLines,
            line =>
                line.Contains(
                    "refuses the subscription of iotgw/+/commands/# (not authorized",
                    StringComparison.Ordinal
                )
        );
        await _broker.AcceptAsync(AcceptedWithSession);
        await AnswerSubscribeAsync("01");
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_mqtt_subscriptions_refused") == 0,
            "the grant in the metrics"
        );
    }

    private Task<TestGateway> StartAsync() =>
        TestGateway.StartAsync($"--Mqtt:Url={_broker.Url}", "--Mqtt:HomeAssistant=false");

    private async Task SubscribeAsync()
    {
        await _broker.AcceptAsync(Accepted);
        await AnswerSubscribeAsync("01");
    }

    private async Task AnswerSubscribeAsync(string code)
    {
        var subscribe = await _broker.ReadUntilAsync(0x80, "/commands/");
        await _broker.SendAsync($"9004{Convert.ToHexStringLower(subscribe.AsSpan(2, 2))}00{code}");
    }

    private Task DeliverAsync(byte type, ushort id) => _broker.SendAsync(Delivery(type, id));

    /// <summary>A PUBLISH of QoS 1 (§3.3).</summary>
    private static string Delivery(byte type, ushort id)
    {
        var topic = Encoding.UTF8.GetBytes("iotgw/roof/commands/light");
        var payload = Encoding.UTF8.GetBytes("""{"on":true}""");
        byte[] body = [0, (byte)topic.Length, .. topic, (byte)(id >> 8), (byte)id, 0, .. payload];
        return Convert.ToHexString([type, (byte)body.Length, .. body]);
    }

    /// <summary>The next PUBACK; what the gateway publishes before it is acknowledged (§3.4).</summary>
    private async Task<string> PubAckAsync()
    {
        while (true)
        {
            var packet = await _broker.ReadAsync();
            if ((packet[0] & 0xF0) == 0x40)
                return Convert.ToHexStringLower(packet);
            if ((packet[0] & 0xF0) != 0x30)
                continue;
            var topic = packet[1] < 0x80 ? 2 : 3;
            var id = topic + 2 + ((packet[topic] << 8) | packet[topic + 1]);
            await _broker.SendAsync("4002" + Convert.ToHexStringLower(packet.AsSpan(id, 2)));
        }
    }

    private static async Task<int> CommandsAsync(TestGateway gateway) =>
        JsonElement.Parse(await gateway.Client.GetStringAsync("/api/devices/roof/commands")).GetArrayLength();
}
