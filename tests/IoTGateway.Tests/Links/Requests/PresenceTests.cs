using IoTGateway.Devices;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links.Requests;

/// <summary>PROTOCOL.md, "HTTP", 5: when a device that makes requests is there, and when it is not.</summary>
public sealed class PresenceTests
{
    [Fact]
    public async Task A_device_is_online_from_its_first_request_and_offline_two_periods_after_the_last()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:PingSeconds=1");
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        Assert.False(await Presence.IsOnlineAsync(gateway, "roof"));
        await device.TellAsync("");
        var began = TimeProvider.System.GetTimestamp();
        Assert.True(await Presence.IsOnlineAsync(gateway, "roof"));
        await device.AskAsync("?wait=3");
        Assert.True(await Presence.IsOnlineAsync(gateway, "roof"));
        await Presence.OfflineAsync(gateway, "roof");
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 4.9, 20);
        var presence = (await Presence.DeviceAsync(gateway, "roof")).GetProperty("presence");
        Assert.Equal("silent", presence.GetProperty("lastEnd").GetString());
        Assert.Equal(1, await gateway.EndedAsync("silent"));
        Assert.Equal(0, await gateway.MetricAsync("iotgw_links"));
    }

    [Fact]
    public async Task Who_says_that_he_comes_less_often_stays_online_for_longer()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:PingSeconds=1");
        using var roof = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        using var cellar = new PollingDevice(gateway, await gateway.AddDeviceAsync("cellar"));
        await roof.TellAsync("?every=60");
        await cellar.TellAsync("");
        await Presence.OfflineAsync(gateway, "cellar");
        Assert.True(await Presence.IsOnlineAsync(gateway, "roof"));
    }

    [Fact]
    public async Task BYE_takes_it_offline_and_holds_no_request()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var bye = House.Bytes(new Bye(ByeReason.DeepSleep, 60).Write);
        var answer = await device.TellAsync("?wait=30", House.Telemetry(1, 1, House.Noon, 20), bye);
        Assert.Equal(new Ack(1, 1), answer.Ack);
        await Presence.OfflineAsync(gateway, "roof");
        Assert.Equal(1, await gateway.EndedAsync("bye"));
        Assert.Equal([MessageType.Welcome], (await device.AskAsync("?wait=30", bye)).Types);
    }

    [Fact]
    public async Task A_request_closes_the_link_of_the_same_device_and_a_link_ends_a_held_request()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        using var device = new PollingDevice(gateway, token);
        await using var older = await LinkClient.OpenAsync(gateway, token);
        await device.AskAsync("");
        Assert.Equal(4409, await older.ClosedAsync());
        await older.CloseAsync();

        var held = device.AskAsync("?wait=30");
        await PollingDevice.HeldAsync(gateway);
        await using var newer = await LinkClient.OpenAsync(gateway, token);
        var answer = await held;
        Assert.Equal((409, "replaced"), (answer.Status, answer.Reason));
        Assert.True(await Presence.IsOnlineAsync(gateway, "roof"));
        await newer.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        await newer.AcknowledgedAsync(1, 1);
        await Patience.UntilAsync(async () => await gateway.MetricAsync("iotgw_links") == 1, "one link to be left");
    }

    [Theory]
    [InlineData("rotate")]
    [InlineData("disable")]
    [InlineData("remove")]
    public async Task A_token_taken_back_ends_a_held_request_at_once(string how)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        var held = device.AskAsync("?wait=30");
        await PollingDevice.HeldAsync(gateway);
        var registry = gateway.Get<DeviceRegistry>();
        var began = TimeProvider.System.GetTimestamp();
        _ = how switch
        {
            "rotate" => await registry.RotateAsync("roof", Patience.Token()) is not null,
            "disable" => await registry.SetDisabledAsync("roof", true, Patience.Token()),
            _ => await registry.RemoveAsync("roof", Patience.Token()),
        };
        var answer = await held;
        Assert.Equal((401, "credentials"), (answer.Status, answer.Reason));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 15);
        Assert.Equal(how == "disable" ? 403 : 401, (await device.AskAsync("")).Status);
        await Patience.UntilAsync(async () => await gateway.EndedAsync("revoked") == 1, "the link to end");
    }

    [Fact]
    public async Task A_command_does_not_go_along_with_a_held_request_whose_device_has_gone()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        using var device = new PollingDevice(gateway, token);
        await device.TellAsync("");
        await using var gone = await RawConnection.OpenAsync(gateway);
        var hello = PollingDevice.Body(House.Bytes(House.Hello(1).Write));
        await gone.SendAsync([.. PollingDevice.Head(token, hello.Length, "?wait=30"), .. hello]);
        await PollingDevice.HeldAsync(gateway);
        gone.Cut();
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_requests_held") == 0,
            "the gateway to notice"
        );
        await CommandCalls.PostAsync(gateway, "roof", """{"name":"light","ttlSeconds":20}""");
        Assert.Single((await device.AskAsync("")).Commands);
    }
}
