using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using IoTGateway.Devices;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

public sealed class DoctorTests
{
    [Fact]
    public async Task It_says_what_the_handshake_would_answer_and_why()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var good = await AskAsync(gateway, token);
        Assert.Equal((101, "none"), Answer(good));
        Assert.Equal((401, "credentials"), Answer(await AskAsync(gateway, "roof.wrong")));
        Assert.Equal((401, "credentials"), Answer(await AskAsync(gateway, null)));
        await gateway.Get<DeviceRegistry>().SetDisabledAsync("roof", true, TestContext.Current.CancellationToken);
        var disabled = await AskAsync(gateway, token);
        Assert.Equal((403, "disabled"), Answer(disabled));
        Assert.Contains("enable", disabled.GetProperty("handshake").GetProperty("detail").GetString());
        Assert.Equal(0, await gateway.RefusedAsync("credentials"));
    }

    [Fact]
    public async Task It_tells_the_time_the_subprotocols_and_the_certificates()
    {
        await using var gateway = await TestGateway.StartAsync();
        var report = await AskAsync(gateway, null);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.InRange(report.GetProperty("timeMs").GetInt64(), now - 20_000, now);
        Assert.Equal(
            ["iotgw.v1", "senml.json"],
            report.GetProperty("subprotocols").EnumerateArray().Select(name => name.GetString())
        );
        using var leaf = X509Certificate2.CreateFromPem(
            await File.ReadAllTextAsync(Path.Combine(gateway.Folder, "server.pem"))
        );
        var shown = report.GetProperty("certificates")[0];
        Assert.Equal(leaf.Subject, shown.GetProperty("subject").GetString());
        Assert.Equal(leaf.Issuer, shown.GetProperty("issuer").GetString());
        Assert.Equal(leaf.NotAfter.ToUniversalTime(), shown.GetProperty("notAfter").GetDateTime());
    }

    [Fact]
    public async Task Asking_it_costs_no_attempt()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:HandshakesPerMinutePerDevice=1");
        var token = await gateway.AddDeviceAsync("roof");
        for (var i = 0; i < 5; i++)
            Assert.Equal((101, "none"), Answer(await AskAsync(gateway, token)));
        await using var link = await RawConnection.OpenLinkAsync(gateway, token);
    }

    [Fact]
    public async Task While_a_fleet_returns_it_says_so_to_those_who_were_sent_away()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:HandshakesPerSecond=1");
        var token = await gateway.AddDeviceAsync("roof");
        Assert.Equal((101, "none"), Answer(await AskAsync(gateway, token)));
        (int, string?) foreseen = (0, null);
        for (var attempt = 0; attempt < 20 && foreseen != (503, "busy"); attempt++)
        {
            await using var connection = await RawConnection.OpenAsync(gateway);
            if ((await connection.AskAsync(RawRequest.Link(token))).Status == 503)
                foreseen = Answer(await AskAsync(gateway, token));
        }
        Assert.Equal((503, "busy"), foreseen);
    }

    private static (int, string?) Answer(JsonElement report)
    {
        var handshake = report.GetProperty("handshake");
        return (handshake.GetProperty("status").GetInt32(), handshake.GetProperty("reason").GetString());
    }

    private static async Task<JsonElement> AskAsync(TestGateway gateway, string? token)
    {
        using var client = new HttpClient { BaseAddress = gateway.Http };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.GetAsync("/v1/doctor");
        Assert.Equal(200, (int)response.StatusCode);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }
}
