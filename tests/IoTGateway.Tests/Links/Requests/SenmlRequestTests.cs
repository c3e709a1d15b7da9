using System.Text;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links.Requests;

/// <summary>PROTOCOL.md, "HTTP", 7: packs by request, for a script.</summary>
public sealed class SenmlRequestTests
{
    private const string Pack = "application/senml+json";

    [Fact]
    public async Task A_pack_is_acknowledged_when_it_is_on_disk()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("plc"));
        for (var i = 0; i < 2; i++)
        {
            var time = (House.Noon / 1000) + i;
            var answer = await PostAsync(
                device,
                "?wait=30",
                $$"""[{"n":"climate/temperature","u":"Cel","v":2{{i}}.5,"t":{{time}}}]"""
            );
            Assert.Equal("""200: [{"ack":1}]""", answer.Text);
            Assert.Equal("application/json", answer.Type);
        }
        var points = await Readings.WaitAsync(gateway, "plc", "climate", "temperature", 2);
        Assert.Equal([20.5, 21.5], points.Select(point => point[1]));
        Assert.True(await Presence.IsOnlineAsync(gateway, "plc"));
    }

    [Fact]
    public async Task A_pack_that_will_never_be_taken_is_400_with_its_reason()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("plc"));
        var answer = await PostAsync(device, "", """[{"n":"name","vs":"text"}]""");
        Assert.Equal((400, "refused"), (answer.Status, answer.Reason));
        Assert.Contains("'vs'", answer.Json.GetProperty("detail").GetString());
        Assert.Equal(1, await gateway.MetricAsync("""iotgw_requests_refused_total{reason="refused"}"""));
        Assert.Equal(1, await gateway.MetricAsync("""iotgw_telemetry_refused_total{reason="malformed"}"""));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("7")]
    [InlineData("""{"ack":1}""")]
    [InlineData("\"\u00c3(\"")]
    public async Task What_is_neither_pack_nor_control_is_400(string body)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("plc"));
        var answer = await device.PostAsync("", Encoding.Latin1.GetBytes(body), Pack);
        Assert.Equal((400, "malformed"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task A_pack_over_the_limit_is_413()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("plc"));
        var answer = await device.PostAsync("", new byte[16_385], Pack);
        Assert.Equal((413, "too_large"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task An_empty_body_listens_and_a_control_object_answers()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("plc"));
        var held = PostAsync(device, "?wait=30", "");
        await PollingDevice.HeldAsync(gateway);
        var calling = CommandCalls.PostAsync(gateway, "plc", """{"name":"light","ttlSeconds":20}""", wait: 15);
        var command = (await held).Json[0].GetProperty("command");
        Assert.Equal("light", command.GetProperty("name").GetString());
        var id = command.GetProperty("id").GetString();
        var result = $$$"""{"result":{"id":"{{{id}}}","outcome":"succeeded","value":7}}""";
        Assert.Equal("200: []", (await device.PostAsync("", Encoding.UTF8.GetBytes(result), "application/json")).Text);
        Assert.Equal("succeeded", (await calling).Report.GetProperty("status").GetString());
    }

    private static Task<PolledAnswer> PostAsync(PollingDevice device, string query, string text) =>
        device.PostAsync(query, Encoding.UTF8.GetBytes(text), Pack);
}
