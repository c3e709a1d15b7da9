using System.Text.Json;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>The text subprotocol: RFC 8428 packs, the same journal, the same history.</summary>
public sealed class SenmlTests
{
    private static string Seconds(long unixMs) => (unixMs / 1000).ToString();

    [Fact]
    public async Task A_pack_with_base_fields_becomes_rows_that_the_API_reads()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await OpenAsync(gateway);
        await device.SendTextAsync(
            $$"""
            [{"bt":{{Seconds(House.Noon)}},"bu":"Cel","bv":20,"n":"climate/temperature","v":1.5},
             {"n":"climate/temperature","t":1,"v":-0.25},
             {"n":"climate/humidity","u":"%RH","v":40},
             {"n":"door","vb":true}]
            """
        );
        Assert.Equal("""{"ack":1}""", await device.ReceiveTextAsync());
        Assert.Equal(
            [
                [House.Noon, 21.5],
                [House.Noon + 1000, 19.75],
            ],
            await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 2)
        );
        Assert.Equal(
            [
                [House.Noon, 60],
            ],
            await Readings.WaitAsync(gateway, "roof", "climate", "humidity", 1)
        );
        Assert.Equal(
            [
                [House.Noon, 1],
            ],
            await Readings.WaitAsync(gateway, "roof", "door", "value", 1)
        );
        Assert.Equal(3, await gateway.MetricAsync("iotgw_rows_total"));
        Assert.Equal(4, await gateway.MetricAsync("iotgw_readings_total"));
        Assert.Equal("Cel", await UnitAsync(gateway, "temperature"));
        Assert.Equal("%RH", await UnitAsync(gateway, "humidity"));
    }

    [Fact]
    public async Task A_time_below_2_to_the_28_is_relative_to_now()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await OpenAsync(gateway);
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await device.SendTextAsync("""[{"n":"a","v":1,"t":-10},{"n":"b","v":1}]""");
        await device.ReceiveTextAsync();
        var after = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.InRange(
            (await Readings.WaitAsync(gateway, "roof", "a", "value", 1))[0][0],
            before - 10_000,
            after - 10_000
        );
        Assert.InRange((await Readings.WaitAsync(gateway, "roof", "b", "value", 1))[0][0], before, after);
    }

    [Fact]
    public async Task A_field_may_grow_more_precise_and_the_rows_before_stay_as_they_were()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await OpenAsync(gateway);
        double[] values = [20, 20.5, 20.125, 21, 0.30000000000000004, 101325.25];
        for (var pack = 0; pack < values.Length; pack++)
        {
            var time = Seconds(House.Noon + (pack * 1000));
            await device.SendTextAsync($$"""[{"n":"p","t":{{time}},"v":{{values[pack]:R}}}]""");
            Assert.Equal($$"""{"ack":{{pack + 1}}}""", await device.ReceiveTextAsync());
        }
        var points = await Readings.WaitAsync(gateway, "roof", "p", "value", values.Length);
        for (var pack = 0; pack < values.Length; pack++)
            Assert.Equal(values[pack], points[pack][1], 1e-12);
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""[1]""")]
    [InlineData("""[{"n":"a"}]""")]
    [InlineData("""[{"n":"a","v":1,"vb":true}]""")]
    [InlineData("""[{"n":"a","vs":"text"}]""")]
    [InlineData("""[{"n":"a","v":"1"}]""")]
    [InlineData("""[{"n":"a","v":1e30}]""")]
    [InlineData("""[{"n":"a","v":1,"must_":1}]""")]
    [InlineData("""[{"n":"a","v":1,"t":1e17}]""")]
    [InlineData("""[{"bn":"cellar/","n":"a","v":1}]""")]
    [InlineData("""[{"n":"a\ud800","v":1}]""")]
    [InlineData("""[{"n":"a","u":"\udc00","v":1}]""")]
    public async Task A_pack_that_cannot_be_taken_is_refused_with_a_reason_and_the_link_stays(string pack)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await OpenAsync(gateway);
        await device.SendTextAsync(pack);
        var answer = JsonElement.Parse(await device.ReceiveTextAsync());
        Assert.Equal(1, answer.GetProperty("refused").GetInt32());
        Assert.True(answer.GetProperty("reason").GetString()!.Length > 10);
        Assert.Equal(1, await gateway.MetricAsync("""iotgw_telemetry_refused_total{reason="malformed"}"""));
        await device.SendTextAsync("""[{"n":"a","v":1}]""");
        Assert.Equal("""{"ack":2}""", await device.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{"result":{"id":"x","outcome":"succeeded"}}""")]
    [InlineData("""{"result":{"id":"\ud800","outcome":"\ud800"}}""")]
    public async Task What_is_neither_a_pack_nor_control_is_4400(string text)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await OpenAsync(gateway);
        await device.SendTextAsync(text);
        Assert.Equal(4400, await device.ClosedAsync());
    }

    [Fact]
    public async Task Names_longer_than_a_catalog_holds_are_refused_and_those_before_go_on()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await OpenAsync(gateway);
        var answer = "";
        for (var measurement = 0; !answer.Contains("refused", StringComparison.Ordinal); measurement++)
        {
            Assert.True(measurement < 16, "never refused");
            var fields = Enumerable.Range(0, 32).Select(field => $$"""{"n":"m{{measurement}}/{{field:D60}}","v":1}""");
            await device.SendTextAsync($"[{string.Join(',', fields)}]");
            answer = await device.ReceiveTextAsync();
        }
        Assert.Contains("16384 bytes", answer, StringComparison.Ordinal);
        await device.SendTextAsync($$"""[{"n":"m0/{{0:D60}}","v":2}]""");
        Assert.Contains("ack", await device.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_comes_as_JSON_and_its_result_goes_back()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await OpenAsync(gateway);
        var answering = CommandCalls.PostAsync(
            gateway,
            "roof",
            """{"name":"light","arguments":{"on":true}}""",
            wait: 15
        );
        var command = JsonElement.Parse(await device.ReceiveTextAsync()).GetProperty("command");
        Assert.Equal("light", command.GetProperty("name").GetString());
        Assert.True(command.GetProperty("arguments").GetProperty("on").GetBoolean());
        Assert.InRange(command.GetProperty("ttlMs").GetInt32(), 1, 30_000);
        var id = command.GetProperty("id").GetString();
        await device.SendTextAsync($$$"""{"result":{"id":"{{{id}}}","outcome":"succeeded","value":{"lux":3} } }""");
        var (status, report) = await answering;
        Assert.Equal(200, status);
        Assert.Equal("succeeded", report.GetProperty("status").GetString());
        Assert.Equal(3, report.GetProperty("result").GetProperty("lux").GetInt32());
    }

    private static async Task<string?> UnitAsync(TestGateway gateway, string field)
    {
        var answer = await gateway.Client.GetStringAsync(
            $"/api/devices/roof/readings?measurement=climate&field={field}"
        );
        return JsonElement.Parse(answer).GetProperty("unit").GetString();
    }

    private static async Task<LinkClient> OpenAsync(TestGateway gateway) =>
        await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("roof"), subprotocol: "senml.json");
}
