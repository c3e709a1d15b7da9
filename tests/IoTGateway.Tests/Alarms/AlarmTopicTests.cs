using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Mqtt;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Alarms;

/// <summary>Alarms on their MQTT topics, at a real broker.</summary>
public sealed class AlarmTopicTests
{
    [Fact]
    public async Task An_alarm_is_published_retained_and_so_is_its_end_with_a_row_and_with_its_rule()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var gateway = await TestGateway.StartAsync(
            $"--Mqtt:Url={mosquitto.Url}",
            "--Mqtt:HomeAssistant=false"
        );
        var rule = await AddRuleAsync(gateway);
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await using var listener = await Party.ConnectAsync(Party.Options(mosquitto.Url));
        await listener.SubscribeAsync("iotgw/+/alarms/+");

        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20, 31.5));
        await listener.ReceivedAsync(1);
        await device.SendAsync(House.Telemetry(1, 2, House.Noon + 60_000, 20));
        await listener.ReceivedAsync(2);
        await device.SendAsync(House.Telemetry(1, 3, House.Noon + 120_000, 33));
        await listener.ReceivedAsync(3);
        // Of the time between: it tells what was, and what holds stays as it is for whoever comes later.
        await device.SendAsync(House.Telemetry(1, 4, House.Noon + 30_000, 20));
        await device.SendAsync(House.Telemetry(1, 5, House.Noon + 90_000, 34));
        await listener.ReceivedAsync(4);
        Assert.Equal("raised 33", Said(await RetainedAsync(mosquitto, "later")));

        using (var removed = await gateway.Client.DeleteAsync($"/api/alarms/rules/{rule}"))
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await listener.ReceivedAsync(5);
        Assert.Equal(
            ["raised 31.5", "cleared 20", "raised 33", "raised 34 late", "cleared "],
            listener.Texts.Select(Said)
        );
        Assert.Equal("cleared ", Said(await RetainedAsync(mosquitto, "latest")));
        Assert.All(listener.Messages, message => Assert.Equal($"iotgw/roof/alarms/{rule}", message.Topic));
        // As in the list of the API, so that both can be put together.
        var events = await gateway.Client.GetFromJsonAsync<JsonElement>("/api/alarms/events");
        Assert.Equal(
            events.EnumerateArray().Select(one => one.GetProperty("id").GetInt64()).Reverse(),
            listener.Texts.Select(text => JsonElement.Parse(text).GetProperty("id").GetInt64())
        );
        await Patience.UntilAsync(async () => await gateway.MetricAsync("iotgw_alarm_topics_total") == 5, "the count");
    }

    private static async Task<long> AddRuleAsync(TestGateway gateway)
    {
        using var added = await gateway.Client.PostAsJsonAsync(
            "/api/alarms/rules",
            new
            {
                name = "Too warm",
                measurement = "climate",
                field = "temperature",
                kind = "above",
                threshold = 30,
            }
        );
        return (await added.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
    }

    /// <summary>What somebody gets who subscribes only now.</summary>
    private static async Task<string> RetainedAsync(MosquittoServer mosquitto, string name)
    {
        await using var late = await Party.ConnectAsync(Party.Options(mosquitto.Url, clientId: name));
        await late.SubscribeAsync("iotgw/roof/alarms/+");
        await late.ReceivedAsync(1);
        return Assert.Single(late.Texts);
    }

    private static string Said(string text)
    {
        var json = JsonElement.Parse(text);
        var late = json.GetProperty("late").GetBoolean() ? " late" : "";
        return $"{json.GetProperty("state").GetString()} {json.GetProperty("value")}{late}";
    }
}
