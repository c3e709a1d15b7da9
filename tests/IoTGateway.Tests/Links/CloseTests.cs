using System.Text;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>PROTOCOL.md, "Close codes": each with its cause, and counted.</summary>
public sealed class CloseTests
{
    [Fact]
    public async Task BYE_ends_the_link_with_1000()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(new Bye(ByeReason.DeepSleep, 60).Write);
        Assert.Equal(1000, await device.ClosedAsync());
        await EndedAsync(gateway, "bye");
        await Presence.OfflineAsync(gateway, "roof");
    }

    [Fact]
    public async Task A_stop_tells_the_device_when_to_come_back_and_closes_with_1001()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var stopping = gateway.StopAsync();
        Assert.True(RetryAfter.TryRead(await device.ReceiveAsync(), out var retry, out _));
        Assert.InRange(retry.Milliseconds, 1_000u, 10_000u);
        Assert.Equal(1001, await device.ClosedAsync());
        await device.CloseAsync();
        await stopping;
    }

    [Fact]
    public async Task A_stop_waits_for_no_device_that_does_not_answer()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var began = TimeProvider.System.GetTimestamp();
        await gateway.StopAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 8);
        Assert.Equal(1001, await device.ReadCloseAsync());
    }

    [Fact]
    public async Task An_unmasked_frame_is_1002()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)).ToBytes(masked: false));
        Assert.Equal(1002, await device.ReadCloseAsync());
        await EndedAsync(gateway, "protocol_error");
    }

    [Fact]
    public async Task A_reserved_opcode_is_1002()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(new RawFrame(true, 0xB, []));
        Assert.Equal(1002, await device.ReadCloseAsync());
        await EndedAsync(gateway, "protocol_error");
    }

    [Theory]
    [InlineData("iotgw.v1", RawFrame.Text)]
    [InlineData("senml.json", RawFrame.Binary)]
    public async Task The_other_kind_of_message_is_1003(string subprotocol, byte opcode)
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using var device = await RawConnection.OpenLinkAsync(gateway, token, subprotocol: subprotocol);
        await device.SendAsync(new RawFrame(true, opcode, Encoding.ASCII.GetBytes("[]")));
        Assert.Equal(1003, await device.ReadCloseAsync());
        await EndedAsync(gateway, "wrong_kind");
    }

    [Fact]
    public async Task Text_that_is_not_UTF_8_is_1007()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using var device = await RawConnection.OpenLinkAsync(gateway, token, subprotocol: "senml.json");
        await device.SendAsync(new RawFrame(true, RawFrame.Text, [(byte)'"', 0xC3, 0x28, (byte)'"']));
        Assert.Equal(1007, await device.ReadCloseAsync());
        await EndedAsync(gateway, "bad_utf8");
    }

    [Theory]
    [InlineData(16 * 1024 + 1)]
    [InlineData(60_000)]
    public async Task A_message_over_the_limit_is_1009(int bytes)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(RawFrame.Message(new byte[bytes]));
        Assert.Equal(1009, await device.ReadCloseAsync());
        await EndedAsync(gateway, "too_large");
    }

    [Fact]
    public async Task A_message_over_the_limit_in_fragments_is_1009()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:MessageBytes=256");
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(new RawFrame(false, RawFrame.Binary, new byte[200]));
        await device.SendAsync(new RawFrame(false, RawFrame.Continuation, new byte[200]));
        Assert.Equal(1009, await device.ReadCloseAsync());
    }

    [Fact]
    public async Task No_HELLO_in_time_is_4408()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:HelloSeconds=1");
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        Assert.Equal(4408, await device.ReadCloseAsync());
        await EndedAsync(gateway, "no_hello");
    }

    [Fact]
    public async Task More_messages_than_allowed_are_4429_and_the_device_gets_to_know()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:MessagesPerSecondPerDevice=1");
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Catalog.Write)));
        byte[] flood =
        [
            .. Enumerable
                .Range(1, 2000)
                .SelectMany(sequence =>
                    RawFrame.Message(House.Telemetry(1, (uint)sequence, House.Noon + sequence, 20)).ToBytes()
                ),
        ];
        await device.SendAsync(flood);
        Assert.Equal(4429, await device.ReadCloseAsync());
        await EndedAsync(gateway, "over_rate");
    }

    [Fact]
    public async Task Coming_back_gives_a_flooding_device_no_new_burst()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:MessagesPerSecondPerDevice=1");
        var token = await gateway.AddDeviceAsync("roof");
        await using var first = await RawConnection.OpenLinkAsync(gateway, token);
        await first.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        for (var i = 0; i < 12; i++)
            await first.SendAsync(RawFrame.Message(House.Bytes(House.Catalog.Write)));
        Assert.Equal(4429, await first.ReadCloseAsync());
        await using var second = await RawConnection.OpenLinkAsync(gateway, token);
        await second.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        for (var i = 0; i < 3; i++)
            await second.SendAsync(RawFrame.Message(House.Bytes(House.Catalog.Write)));
        Assert.Equal(4429, await second.ReadCloseAsync());
    }

    [Theory]
    [InlineData("rotate")]
    [InlineData("disable")]
    [InlineData("remove")]
    public async Task A_token_taken_back_ends_the_link_with_4401_at_once(string how)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var registry = gateway.Get<DeviceRegistry>();
        var began = TimeProvider.System.GetTimestamp();
        _ = how switch
        {
            "rotate" => await registry.RotateAsync("roof", TestContext.Current.CancellationToken) is not null,
            "disable" => await registry.SetDisabledAsync("roof", true, TestContext.Current.CancellationToken),
            _ => await registry.RemoveAsync("roof", TestContext.Current.CancellationToken),
        };
        Assert.Equal(4401, await device.ClosedAsync());
        // Not at the next ping, after 12 s.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 6);
        await device.CloseAsync();
        await EndedAsync(gateway, "revoked");
    }

    private static Task EndedAsync(TestGateway gateway, string reason) =>
        Patience.UntilAsync(async () => await gateway.EndedAsync(reason) == 1, $"a link to end by {reason}");
}
