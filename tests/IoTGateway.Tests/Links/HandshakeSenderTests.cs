using IoTGateway.Devices;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>PROTOCOL.md, "Opening handshake": who may connect, how often, and how many.</summary>
public sealed class HandshakeSenderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_learns_whether_the_device_or_the_secret_was_wrong(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var request = RawRequest.Link(null);
        RawRequest[] wrong =
        [
            request,
            request.Plus("Authorization", "Basic cm9vZjpzZWNyZXQ="),
            request.Plus("Authorization", "Bearer nonsense"),
            request.Plus("Authorization", "Bearer ROOF." + token[5..]),
            request.Plus("Authorization", "Bearer cellar." + token[5..]),
            request.Plus("Authorization", "Bearer roof.wrong"),
            request.Plus("Authorization", "Bearer roof." + new string('x', 2000)),
            request.Plus("Authorization", $"Bearer {token}").Plus("Authorization", $"Bearer {token}"),
        ];
        var answers = new HashSet<string>();
        foreach (var ask in wrong)
        {
            await using var connection = await RawConnection.OpenAsync(gateway, tls);
            var response = await connection.AskAsync(ask);
            var headers = response.Headers.Where(header => header.Name != "Date");
            var body = response.Problem.EnumerateObject().Where(member => member.Name != "traceId");
            answers.Add($"{response.Status} {string.Join(';', headers)} {string.Join(';', body)}");
        }
        Assert.StartsWith("401 ", Assert.Single(answers), StringComparison.Ordinal);
        Assert.Equal(wrong.Length, await gateway.RefusedAsync("credentials"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_disabled_device_is_403_and_enabled_again_it_connects(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await gateway.Get<DeviceRegistry>().SetDisabledAsync("roof", true, TestContext.Current.CancellationToken);
        await using (var connection = await RawConnection.OpenAsync(gateway, tls))
        {
            var response = await connection.AskAsync(RawRequest.Link(token));
            Assert.Equal(403, response.Status);
            Assert.Contains("iotgw device enable", response.Problem.GetProperty("detail").GetString());
        }
        await using (var connection = await RawConnection.OpenAsync(gateway, tls))
            Assert.Equal(401, (await connection.AskAsync(RawRequest.Link("roof.wrong"))).Status);
        Assert.Equal(1, await gateway.RefusedAsync("disabled"));
        await gateway.Get<DeviceRegistry>().SetDisabledAsync("roof", false, TestContext.Current.CancellationToken);
        await using var link = await RawConnection.OpenLinkAsync(gateway, token, tls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_many_handshakes_of_a_device_are_429_with_a_time_to_wait_and_spare_other_devices(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:HandshakesPerMinutePerDevice=1");
        var token = await gateway.AddDeviceAsync("roof");
        var other = await gateway.AddDeviceAsync("cellar");
        await using (await RawConnection.OpenLinkAsync(gateway, token, tls)) { }
        await using var second = await RawConnection.OpenAsync(gateway, tls);
        var response = await second.AskAsync(RawRequest.Link(token));
        Assert.Equal(429, response.Status);
        Assert.InRange(int.Parse(response["Retry-After"]!), 1, 60); // a refusal of 429 has it
        Assert.Equal(1, await gateway.RefusedAsync("too_many_attempts"));
        await using var link = await RawConnection.OpenLinkAsync(gateway, other, tls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Strangers_who_guess_do_not_lock_a_device_out(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:HandshakesPerMinutePerDevice=1");
        var token = await gateway.AddDeviceAsync("roof");
        for (var guess = 0; guess < 5; guess++)
        {
            await using var connection = await RawConnection.OpenAsync(gateway, tls);
            Assert.Equal(401, (await connection.AskAsync(RawRequest.Link("roof.guess"))).Status);
        }
        await using var link = await RawConnection.OpenLinkAsync(gateway, token, tls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_many_handshakes_from_an_address_are_429(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:HandshakesPerSecondPerAddress=1");
        var token = await gateway.AddDeviceAsync("roof");
        var statuses = new List<int>();
        for (var attempt = 0; attempt < 12; attempt++)
        {
            await using var connection = await RawConnection.OpenAsync(gateway, tls);
            statuses.Add((await connection.AskAsync(RawRequest.Link(token))).Status);
        }
        Assert.Equal(101, statuses[0]);
        Assert.Contains(429, statuses);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task At_the_connection_limit_a_handshake_is_503_until_a_link_ends(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:Connections=1");
        var token = await gateway.AddDeviceAsync("roof");
        var cellar = await gateway.AddDeviceAsync("cellar");
        var dead = await RawConnection.OpenLinkAsync(gateway, cellar, tls);
        // Its own place is never taken from it.
        var first = await RawConnection.OpenLinkAsync(gateway, cellar, tls);
        await dead.DisposeAsync();
        await using (var connection = await RawConnection.OpenAsync(gateway, tls))
        {
            var response = await connection.AskAsync(RawRequest.Link(token));
            Assert.Equal(503, response.Status);
            Assert.InRange(int.Parse(response["Retry-After"]!), 1, 10); // a refusal of 503 has it
            Assert.Contains("Limits:Connections", response.Problem.GetProperty("detail").GetString());
        }
        Assert.Equal(1, await gateway.RefusedAsync("full"));
        await first.DisposeAsync();
        await Patience.UntilAsync(async () => await gateway.MetricAsync("iotgw_links") == 0, "the first link's end");
        await using var link = await RawConnection.OpenLinkAsync(gateway, token, tls);
    }

    [Fact]
    public async Task More_handshakes_than_the_gateway_takes_in_a_second_are_503_for_a_moment()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:HandshakesPerSecond=1");
        var token = await gateway.AddDeviceAsync("roof");
        RawResponse? refused = null;
        for (var attempt = 0; attempt < 20 && refused is null; attempt++)
        {
            await using var connection = await RawConnection.OpenAsync(gateway);
            var response = await connection.AskAsync(RawRequest.Link(token));
            refused = response.Status == 503 ? response : null;
        }
        Assert.InRange(int.Parse(refused?["Retry-After"] ?? "0"), 1, 10);
        Assert.Equal(1, await gateway.RefusedAsync("busy"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_draining_a_handshake_is_503(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await gateway.Get<IoTGateway.Links.LinkTable>().DrainAsync(Patience.Token());
        await using var connection = await RawConnection.OpenAsync(gateway, tls);
        var response = await connection.AskAsync(RawRequest.Link(token));
        Assert.Equal(503, response.Status);
        Assert.NotNull(response["Retry-After"]);
        Assert.Equal(1, await gateway.RefusedAsync("draining"));
        using var ready = await gateway.Client.GetAsync("/readyz");
        Assert.Equal(503, (int)ready.StatusCode);
    }
}
