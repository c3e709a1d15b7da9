using IoTGateway.Tests.Mqtt;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary>What a real broker says of a gateway that is gone without a word.</summary>
public sealed class MqttWillTests
{
    [Fact]
    public async Task A_gateway_that_is_killed_is_offline_by_its_last_will_which_is_retained()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Mqtt:Url={mosquitto.Url}",
            "--Mqtt:HomeAssistant=false"
        );
        await RetainsAsync(mosquitto, "online");
        await gateway.KillAsync();
        await RetainsAsync(mosquitto, "offline");
    }

    /// <summary>Waits until a new subscriber is told this of the gateway.</summary>
    private static Task RetainsAsync(MosquittoServer mosquitto, string status) =>
        Eventually.HoldsAsync(
            $"iotgw/gateway/status says {status}",
            async () =>
            {
                await using var reader = await Party.ConnectAsync(Party.Options(mosquitto.Url, clientId: ""));
                await reader.SubscribeAsync("iotgw/gateway/status");
                // Its own message comes after what is retained.
                await reader.SubscribeAsync("end");
                await reader.PublishAsync("end", "end");
                await Eventually.HoldsAsync("the end", () => Task.FromResult(reader.Texts.Contains("end")));
                var first = reader.Messages.First();
                return (first.IsRetained, Party.TextOf(first)) == (true, status);
            }
        );
}
