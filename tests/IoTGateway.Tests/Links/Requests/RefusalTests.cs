using IoTGateway.Devices;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links.Requests;

/// <summary>PROTOCOL.md, "HTTP", 6: who is not heard; each refusal is counted and says what to do.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("GET", "", PollingDevice.Binary, 405, "method")]
    [InlineData("PUT", "", PollingDevice.Binary, 405, "method")]
    [InlineData("POST", "", "text/plain", 415, "content_type")]
    [InlineData("POST", "", null, 415, "content_type")]
    [InlineData("POST", "?wait=31", PollingDevice.Binary, 400, "parameter")]
    [InlineData("POST", "?wait=-1", PollingDevice.Binary, 400, "parameter")]
    [InlineData("POST", "?wait=1.5", PollingDevice.Binary, 400, "parameter")]
    [InlineData("POST", "?wait=1&wait=2", PollingDevice.Binary, 400, "parameter")]
    [InlineData("POST", "?every=0", PollingDevice.Binary, 400, "parameter")]
    [InlineData("POST", "?every=86401", PollingDevice.Binary, 400, "parameter")]
    public async Task What_is_wrong_before_the_body(
        string method,
        string query,
        string? type,
        int status,
        string reason
    )
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var answer = await device.PostAsync(
            query,
            PollingDevice.Body(House.Bytes(House.Hello(1).Write)),
            type,
            request => request.Method = HttpMethod.Parse(method)
        );
        await answer.RefusedAsync(gateway, status, reason);
        Assert.False(await Presence.IsOnlineAsync(gateway, "roof"));
    }

    [Fact]
    public async Task No_credentials_an_unknown_device_and_a_wrong_secret_get_the_same_answer()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var bodies = new List<string>();
        foreach (var wrong in new[] { null, "nonsense", "cellar.AAAA", "roof.AAAA", token + "A" })
        {
            using var device = new PollingDevice(gateway, wrong);
            var answer = await device.AskAsync("");
            Assert.Equal(401, answer.Status);
            bodies.Add(WithoutTrace(answer));
        }
        Assert.Single(bodies.Distinct());
        Assert.Equal(bodies.Count, await PolledAnswer.CountAsync(gateway, "credentials"));
    }

    [Fact]
    public async Task An_origin_that_is_not_allowed_is_403_and_one_that_is_may()
    {
        await using var gateway = await TestGateway.StartAsync("--Security:AllowedOrigins=https://good.example");
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var hello = PollingDevice.Body(House.Bytes(House.Hello(1).Write));
        var bad = await device.PostAsync(
            "",
            hello,
            spoil: request => request.Headers.Add("Origin", "https://bad.example")
        );
        await bad.RefusedAsync(gateway, 403, "origin");
        var good = await device.PostAsync(
            "",
            hello,
            spoil: request => request.Headers.Add("Origin", "https://good.example")
        );
        Assert.Equal(200, good.Status);
    }

    [Fact]
    public async Task A_disabled_device_is_403()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await gateway.Get<DeviceRegistry>().SetDisabledAsync("roof", true, Patience.Token());
        await (await device.AskAsync("")).RefusedAsync(gateway, 403, "disabled");
    }

    [Fact]
    public async Task More_requests_than_allowed_are_429_and_another_device_does_not_notice()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:RequestsPerSecondPerDevice=1");
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        using var other = new PollingDevice(gateway, await gateway.AddDeviceAsync("cellar"));
        PolledAnswer answer;
        do answer = await device.AskAsync("");
        while (answer.Status == 200);
        await answer.RefusedAsync(gateway, 429, "too_many_attempts");
        Assert.InRange(answer.RetryAfter ?? default, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.Equal(200, (await other.AskAsync("")).Status);
    }

    [Fact]
    public async Task More_messages_than_allowed_are_429()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:MessagesPerSecondPerDevice=1");
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var rows = Enumerable
            .Range(1, 20)
            .Select(i => House.Telemetry(1, (uint)i, House.Noon + (i * 1000), i))
            .ToArray();
        var answer = await device.AskAsync("", [House.Bytes(House.Catalog.Write), .. rows]);
        await answer.RefusedAsync(gateway, 429, "too_many_attempts");
    }

    [Fact]
    public async Task More_than_four_requests_at_once_are_429()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var open = new List<RawConnection>();
        for (var i = 0; i < 4; i++)
        {
            open.Add(await RawConnection.OpenAsync(gateway));
            // All but the body: each waits for it, and says so.
            await open[i].SendAsync(PollingDevice.Head(token, 100, "", "Expect: 100-continue"));
            Assert.Equal(100, await open[i].StatusAsync());
        }
        using var device = new PollingDevice(gateway, token);
        Assert.Equal(429, (await device.AskAsync("")).Status);
        Assert.Equal(1, await PolledAnswer.CountAsync(gateway, "too_many_attempts"));
        foreach (var connection in open)
            await connection.DisposeAsync();
        await Patience.UntilAsync(async () => (await device.AskAsync("")).Status == 200, "places to be free again");
        await Patience.UntilAsync(
            async () => await PolledAnswer.CountAsync(gateway, "cut") == 4,
            "all four to be seen as cut"
        );
    }

    [Fact]
    public async Task A_full_gateway_is_503_and_a_device_that_is_there_already_goes_on()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:Connections=1");
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        using var other = new PollingDevice(gateway, await gateway.AddDeviceAsync("cellar"));
        var answer = await other.AskAsync("");
        await answer.RefusedAsync(gateway, 503, "full");
        Assert.NotNull(answer.RetryAfter);
        Assert.Equal(200, (await device.AskAsync("")).Status);
        device.Epoch = 2;
        Assert.Equal(200, (await device.AskAsync("")).Status);
        Assert.Equal(1, await gateway.MetricAsync("iotgw_links"));
    }

    private static string WithoutTrace(PolledAnswer answer) =>
        string.Join(
            '|',
            answer.Json.EnumerateObject().Where(part => part.Name != "traceId").Select(part => part.ToString())
        );
}
