using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Api;

public sealed class DevicesApiTests
{
    [Fact]
    public async Task A_device_is_added_shown_renamed_disabled_rotated_and_removed()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (added, token) = await CallAsync(gateway, "POST", "/api/devices", """{"id":"roof","name":"The roof"}""");
        Assert.Equal((201, "roof"), (added, token.GetProperty("id").GetString()));
        Assert.StartsWith("roof.", token.GetProperty("token").GetString(), StringComparison.Ordinal);

        var (_, shown) = await CallAsync(gateway, "GET", "/api/devices/roof");
        Assert.Equal("The roof", shown.GetProperty("name").GetString());
        Assert.False(shown.GetProperty("presence").GetProperty("online").GetBoolean());
        Assert.DoesNotContain("token", shown.GetRawText());

        var (_, changed) = await CallAsync(
            gateway,
            "PATCH",
            "/api/devices/roof",
            """{"name":"Attic","disabled":true}"""
        );
        Assert.Equal(
            ("Attic", true),
            (changed.GetProperty("name").GetString(), changed.GetProperty("disabled").GetBoolean())
        );

        var (rotated, second) = await CallAsync(gateway, "POST", "/api/devices/roof/token");
        Assert.Equal(200, rotated);
        Assert.NotEqual(token.GetProperty("token").GetString(), second.GetProperty("token").GetString());

        Assert.Equal(204, (await CallAsync(gateway, "DELETE", "/api/devices/roof")).Status);
        Assert.Equal(0, (await CallAsync(gateway, "GET", "/api/devices")).Body.GetArrayLength());
    }

    [Fact]
    public async Task A_device_tells_what_it_is_and_how_far_its_telemetry_has_come()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"), epoch: 4);
        await device.SendAsync(House.Telemetry(4, 1, House.Noon, 20, 21.25));
        await device.AcknowledgedAsync(4, 1);
        await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 2);
        await Patience.UntilAsync(
            async () =>
                (await Presence.DeviceAsync(gateway, "roof"))
                    .GetProperty("watermarks")
                    .GetProperty("stored")
                    .EnumerateObject()
                    .Any(),
            "the sink's watermark"
        );
        var report = await Presence.DeviceAsync(gateway, "roof");
        Assert.True(report.GetProperty("presence").GetProperty("online").GetBoolean());
        Assert.Equal("test 1.0", report.GetProperty("firmware").GetString());
        Assert.Equal("test-board", report.GetProperty("board").GetString());
        var field = report.GetProperty("catalog").GetProperty("sensors")[0].GetProperty("fields")[0];
        Assert.Equal(
            ("temperature", "Cel", "decimal"),
            (Text(field, "name"), Text(field, "unit"), Text(field, "type"))
        );
        Assert.Equal(21.25, report.GetProperty("last")[0].GetProperty("fields").GetProperty("temperature").GetDouble());
        var acknowledged = report.GetProperty("watermarks").GetProperty("acknowledged");
        Assert.Equal(
            (4, 1),
            (acknowledged.GetProperty("epoch").GetInt32(), acknowledged.GetProperty("sequence").GetInt32())
        );
    }

    [Theory]
    [InlineData("POST", "/api/devices", """{"id":"Roof"}""", 400, "a-z")]
    [InlineData("POST", "/api/devices", """{}""", 400, "a-z")]
    [InlineData("POST", "/api/devices", """{"id":"shed","name":""}""", 400, "1 to 200")]
    [InlineData("POST", "/api/devices", """{"id":""", 400, "openapi.json")]
    [InlineData("POST", "/api/devices", """null""", 400, "openapi.json")]
    [InlineData("POST", "/api/devices", """{"id":"roof"}""", 409, "/token")]
    [InlineData("GET", "/api/devices/shed", null, 404, "POST /api/devices")]
    [InlineData("PATCH", "/api/devices/shed", """{"name":"x"}""", 404, "POST /api/devices")]
    [InlineData("DELETE", "/api/devices/shed", null, 404, "POST /api/devices")]
    [InlineData("POST", "/api/devices/shed/token", null, 404, "POST /api/devices")]
    [InlineData("GET", "/api/devices/shed/readings", null, 404, "POST /api/devices")]
    [InlineData("GET", "/api/devices/roof/readings", null, 400, "'measurement'")]
    [InlineData("GET", "/api/devices/roof/readings?measurement=a&field=b", null, 404, "a")]
    [InlineData("GET", "/api/devices/roof/readings?measurement=a&field=b&from=x", null, 400, "ISO 8601")]
    [InlineData("GET", "/api/devices/roof/readings?measurement=a&field=b&to=9999999999999999", null, 400, "2262")]
    [InlineData("GET", "/api/devices/roof/readings?measurement=a&field=b&from=-5", null, 400, "1970")]
    [InlineData("GET", "/api/devices/roof/readings?measurement=a&field=b&from=5&to=4", null, 400, "after")]
    [InlineData("GET", "/api/devices/roof/readings?measurement=a&field=b&points=1", null, 400, "'points'")]
    [InlineData("GET", "/api/devices/roof/readings?measurement=a&field=b&points=x", null, 400, "openapi.json")]
    [InlineData("POST", "/api/devices/roof/commands", """{}""", 400, "'name'")]
    [InlineData("POST", "/api/devices/roof/commands", """{"name":"a\u0007"}""", 400, "'name'")]
    [InlineData(
        "POST",
        "/api/devices/roof/commands",
        """{"name":"äääääääääääääääääääääääääääääääää"}""",
        400,
        "64 bytes"
    )]
    [InlineData("POST", "/api/devices/roof/commands", """{"name":"a","arguments":[]}""", 400, "'arguments'")]
    [InlineData("POST", "/api/devices/roof/commands", """{"name":"a","ttlSeconds":0}""", 400, "'ttlSeconds'")]
    [InlineData("POST", "/api/devices/shed/commands", """{"name":"a"}""", 404, "POST /api/devices")]
    [InlineData("GET", "/api/devices/shed/commands", null, 404, "POST /api/devices")]
    [InlineData("GET", "/api/devices/roof/commands/00000000-0000-0000-0000-000000000001", null, 404, "no command")]
    [InlineData("DELETE", "/api/devices/roof/commands/00000000-0000-0000-0000-000000000001", null, 404, "no command")]
    [InlineData("GET", "/api/nothing", null, 404, "openapi.json")]
    [InlineData("PUT", "/api/devices", "{}", 405, "openapi.json")]
    public async Task Each_error_is_a_problem_that_says_what_to_do(
        string method,
        string path,
        string? json,
        int expected,
        string says
    )
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        using var request = Request(method, path, json);
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Contains(says, problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("/api/devices")]
    [InlineData("/api/live")]
    [InlineData("/metrics")]
    public async Task No_key_and_a_wrong_key_get_the_same_401(string path)
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        using var client = new HttpClient { BaseAddress = gateway.Http };
        var bodies = new HashSet<string>();
        foreach (var key in new[] { null, "wrong", token, new string('x', 3000) })
        {
            client.DefaultRequestHeaders.Authorization = key is null
                ? null
                : new AuthenticationHeaderValue("Bearer", key);
            using var response = await client.GetAsync(path);
            Assert.Equal(401, (int)response.StatusCode);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
            var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
            bodies.Add(string.Join(';', problem.EnumerateObject().Where(member => member.Name != "traceId")));
        }
        Assert.Contains("Security:AdminKey", Assert.Single(bodies));
    }

    private static async Task<(int Status, JsonElement Body)> CallAsync(
        TestGateway gateway,
        string method,
        string path,
        string? json = null
    )
    {
        using var request = Request(method, path, json);
        using var response = await gateway.Client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, body.Length == 0 ? default : JsonElement.Parse(body));
    }

    private static HttpRequestMessage Request(string method, string path, string? json) =>
        new(HttpMethod.Parse(method), path)
        {
            Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"),
        };

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
