using System.Text.Json;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Api;

public sealed class HealthApiTests
{
    [Fact]
    public async Task Anybody_may_ask_whether_it_is_alive_and_ready_and_how_it_is_called()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var client = new HttpClient { BaseAddress = gateway.Http };
        Assert.Equal("alive\n", await client.GetStringAsync("/healthz"));
        Assert.Equal("ready\n", await client.GetStringAsync("/readyz"));
        var paths = JsonElement.Parse(await client.GetStringAsync("/api/openapi.json")).GetProperty("paths");
        string[] expected =
        [
            "/api/devices",
            "/api/devices/{id}",
            "/api/devices/{id}/token",
            "/api/devices/{id}/readings",
            "/api/devices/{id}/commands",
            "/api/devices/{id}/commands/{commandId}",
            "/api/live",
            "/v1/messages",
        ];
        var described = paths.EnumerateObject().Select(path => path.Name.TrimEnd('/')).ToArray();
        Assert.All(expected, path => Assert.Contains(path, described));
        Assert.DoesNotContain("/v1/link", described);
    }

    [Fact]
    public async Task Histograms_count_from_the_start_and_not_from_the_first_look()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        await device.AcknowledgedAsync(1, 1);
        Assert.Equal(1, await gateway.MetricAsync("iotgw_ack_seconds_count"));
        Assert.Equal(1, await gateway.MetricAsync("""iotgw_messages_total{type="telemetry"}"""));
    }
}
