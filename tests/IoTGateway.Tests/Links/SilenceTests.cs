using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>Peers that go without a word.</summary>
public sealed class SilenceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_that_answers_no_ping_is_offline_within_two_periods(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:PingSeconds=6");
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"), tls);
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        await device.ReadMessageAsync();
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(RawFrame.Ping, (await device.ReadFrameAsync()).Opcode);
        await Presence.OfflineAsync(gateway, "roof");
        // Two periods, and what a busy machine may take to run a timer and to answer the question.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0.5, (2 * 6) + 2);
        var presence = (await Presence.DeviceAsync(gateway, "roof")).GetProperty("presence");
        Assert.Equal("silent", presence.GetProperty("lastEnd").GetString());
        Assert.Equal(1, await gateway.EndedAsync("silent"));
    }

    [Fact]
    public async Task A_device_that_answers_pings_and_says_nothing_else_stays()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:PingSeconds=1");
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        await device.ReadMessageAsync();
        for (var period = 0; period < 4; period++)
        {
            var ping = await device.ReadFrameAsync();
            Assert.Equal(RawFrame.Ping, ping.Opcode);
            await device.SendAsync(ping with { Opcode = RawFrame.Pong });
        }
        Assert.True(await Presence.IsOnlineAsync(gateway, "roof"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_whose_connection_is_cut_is_offline_at_once(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"), tls);
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        await device.ReadMessageAsync();
        Assert.True(await Presence.IsOnlineAsync(gateway, "roof"));
        device.Cut();
        await Presence.OfflineAsync(gateway, "roof");
        Assert.Equal(1, await gateway.EndedAsync("cut"));
        Assert.DoesNotContain(gateway.LogLines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Half_a_frame_and_a_cut_store_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Catalog.Write)));
        await device.ReadMessageAsync();
        await device.SendAsync(RawFrame.Message(House.Telemetry(1, 1, House.Noon, 20)).ToBytes()[..^3]);
        device.Cut();
        await Presence.OfflineAsync(gateway, "roof");
        Assert.Equal(0, await gateway.MetricAsync("iotgw_rows_total"));
    }
}
