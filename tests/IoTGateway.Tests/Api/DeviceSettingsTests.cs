using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Api;

public sealed class DeviceSettingsTests
{
    [Fact]
    public async Task Settings_are_delivered_on_change_and_on_connect_and_shown_beside_what_is_reported()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var (status, wished) = await PutAsync(gateway, """{ "interval": 60, "led": true }""");
        Assert.Equal((200, "\"1\""), (status.Code, status.ETag));
        Assert.True(wished.GetProperty("differ").GetBoolean());
        await using var device = await LinkClient.OpenAsync(gateway, token);
        Assert.Equal(new Desired(1, """{"interval":60,"led":true}"""), await DesiredAsync(device));

        await PutAsync(gateway, """{"interval":30}""");
        Assert.Equal(new Desired(2, """{"interval":30}"""), await DesiredAsync(device));
        await device.SendAsync(new Reported(2, """{"interval":30.0,"other":1}""").Write);
        await Patience.UntilAsync(async () => !await DifferAsync(gateway), "desired and reported are the same");
        var settings = await GetAsync(gateway);
        Assert.Equal("api:admin", settings.GetProperty("desired").GetProperty("by").GetString());
        Assert.Equal(2u, settings.GetProperty("reported").GetProperty("version").GetUInt32());
        Assert.True(settings.GetProperty("reported").GetProperty("time").GetInt64() > House.Noon);
    }

    [Fact]
    public async Task A_value_that_the_device_rejects_shows_as_drift_with_the_device_s_reason()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await PutAsync(gateway, """{"interval":5,"colour":"red","led":true}""");
        await DesiredAsync(device);
        await device.SendAsync(
            new Reported(1, """{"interval":60,"led":true,"errors":{"interval":"10 to 90","unknown":"no such"}}""").Write
        );
        await Patience.UntilAsync(
            async () => (await GetAsync(gateway)).GetProperty("reported").ValueKind == JsonValueKind.Object,
            "the report"
        );
        var drift = (await GetAsync(gateway)).GetProperty("drift").EnumerateArray().Select(key => key.GetRawText());
        Assert.Equal(
            [
                """{"key":"interval","desired":5,"reported":60,"reason":"10 to 90"}""",
                """{"key":"colour","desired":"red","reported":null,"reason":"no such"}""",
            ],
            drift
        );
        Assert.True(await DifferAsync(gateway));
    }

    [Theory]
    [InlineData("""{"interval":"\ud800"}""")]
    [InlineData("""{"\ud800":1,"errors":{"interval":"\ud800"}}""")]
    [InlineData("no JSON")]
    [InlineData("[]")]
    public async Task A_device_may_report_anything(string json)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await PutAsync(gateway, """{"interval":"x"}""");
        await DesiredAsync(device);
        await device.SendAsync(new Reported(1, json).Write);
        await Patience.UntilAsync(
            async () => (await GetAsync(gateway)).GetProperty("reported").ValueKind == JsonValueKind.Object,
            "the report"
        );
        Assert.True(await DifferAsync(gateway));
    }

    [Fact]
    public async Task Settings_and_reports_survive_a_restart_and_an_older_device_gets_them_again()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await PutAsync(gateway, """{"interval":60}""");
        await using (var device = await LinkClient.OpenAsync(gateway, token))
        {
            await device.SendAsync(new Reported(0, """{"interval":10}""").Write);
            await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
            await DesiredAsync(device);
            await device.AcknowledgedAsync(1, 1);
        }
        await gateway.RestartAsync();
        var settings = await GetAsync(gateway);
        Assert.Equal(1u, settings.GetProperty("desired").GetProperty("version").GetUInt32());
        Assert.Equal(10, settings.GetProperty("drift")[0].GetProperty("reported").GetInt32());
        await using var again = await LinkClient.OpenAsync(gateway, token);
        Assert.Equal(new Desired(1, """{"interval":60}"""), await DesiredAsync(again));
    }

    [Fact]
    public async Task A_new_version_is_above_what_the_device_has_seen_and_the_same_wish_again_is_none()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(new Reported(7, """{"interval":10}""").Write);
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        await device.AcknowledgedAsync(1, 1);
        Assert.Equal("\"8\"", (await PutAsync(gateway, """{"interval":60}""")).Answer.ETag);
        Assert.Equal("\"8\"", (await PutAsync(gateway, """{"interval": 60.0}""")).Answer.ETag);
    }

    [Fact]
    public async Task A_wish_on_top_of_another_s_is_refused_with_412()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        Assert.Equal(200, (await PutAsync(gateway, """{"a":1}""", "\"0\"")).Answer.Code);
        var (late, problem) = await PutAsync(gateway, """{"a":2}""", "\"0\"");
        Assert.Equal(412, late.Code);
        Assert.Contains("version 1", problem.GetProperty("detail").GetString());
        Assert.Equal(200, (await PutAsync(gateway, """{"a":2}""", "\"1\"")).Answer.Code);
    }

    [Theory]
    [InlineData("[1]", "JSON object")]
    [InlineData("7", "JSON object")]
    [InlineData("long", "3500 bytes")]
    [InlineData("""{"a":"\ud800"}""", "surrogate")]
    public async Task What_is_no_object_or_too_long_is_refused(string json, string said)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        if (json == "long")
            json = $$"""{"a":"{{new string('ä', 2000)}}"}""";
        var (answer, problem) = await PutAsync(gateway, json);
        Assert.Equal(400, answer.Code);
        Assert.Contains(said, problem.GetProperty("detail").GetString());
        Assert.Equal(JsonValueKind.Null, (await GetAsync(gateway)).GetProperty("desired").ValueKind);
    }

    [Fact]
    public async Task A_device_that_was_removed_leaves_no_settings_for_the_next_of_its_name()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        await PutAsync(gateway, """{"a":1}""");
        await gateway.Client.DeleteAsync("/api/devices/roof");
        await gateway.AddDeviceAsync("roof");
        Assert.Equal(JsonValueKind.Null, (await GetAsync(gateway)).GetProperty("desired").ValueKind);
    }

    [Fact]
    public async Task The_list_of_devices_says_of_settings_what_each_device_itself_says()
    {
        await using var gateway = await TestGateway.StartAsync();
        var store = gateway.Get<SettingsStore>();
        var token = TestContext.Current.CancellationToken;
        string[] ids = ["both", "neither", "reported", "wished"];
        foreach (var id in ids)
            await gateway.Get<DeviceRegistry>().AddAsync(id, null, token);
        await store.PutAsync("both", """{"sampleIntervalMs":5000}""", "test", null, token);
        await store.PutAsync("wished", """{"sampleIntervalMs":2000}""", "test", null, token);
        await store.SetReportedAsync("both", 1, """{"sampleIntervalMs":1000}""", token);
        await store.SetReportedAsync("reported", 0, """{"sampleIntervalMs":1000}""", token);

        var list = JsonElement.Parse(await gateway.Client.GetStringAsync("/api/devices")).EnumerateArray().ToArray();

        Assert.Equal(ids, list.Select(device => device.GetProperty("id").GetString()));
        Assert.Equal(
            [true, false, false, true],
            list.Select(device => device.GetProperty("settingsDiffer").GetBoolean())
        );
        foreach (var (id, listed) in ids.Zip(list))
        {
            var alone = JsonElement.Parse(await gateway.Client.GetStringAsync($"/api/devices/{id}"));
            Assert.Equal(alone.GetRawText(), listed.GetRawText());
        }
    }

    private static async Task<((int Code, string? ETag) Answer, JsonElement Body)> PutAsync(
        TestGateway gateway,
        string json,
        string? ifMatch = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/devices/roof/settings");
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (ifMatch is not null)
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(ifMatch));
        using var response = await gateway.Client.SendAsync(request);
        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        return (((int)response.StatusCode, response.Headers.ETag?.Tag), body);
    }

    private static async Task<JsonElement> GetAsync(TestGateway gateway) =>
        JsonElement.Parse(await gateway.Client.GetStringAsync("/api/devices/roof/settings"));

    private static async Task<bool> DifferAsync(TestGateway gateway) =>
        JsonElement
            .Parse(await gateway.Client.GetStringAsync("/api/devices"))[0]
            .GetProperty("settingsDiffer")
            .GetBoolean();

    private static async Task<Desired> DesiredAsync(LinkClient device)
    {
        var message = await device.ReceiveAsync();
        Assert.True(Desired.TryRead(message, out var desired, out var error), error.ToString());
        return desired;
    }
}
