using Firmware.Tests.Wire;

namespace Firmware.Tests.Link;

public class LinkFaultTests
{
    [Fact]
    public async Task A_refused_message_is_dropped_counted_and_never_sent_again()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        var poison = await first.TelemetryAsync();
        await first.SendAsync(GatewayBytes.Refused(poison.Epoch, poison.Sequence, 3));
        await Eventually.TrueAsync(() => device.Device.Status.MessagesRefused == 1);
        first.Drop();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();

        Assert.Equal(2u, (await second.TelemetryAsync()).Sequence);
        Assert.Equal(poison.Rows, device.Device.Status.RowsRefused);
    }

    [Fact]
    public async Task After_RETRY_AFTER_the_device_stays_away_that_long()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.SendAsync(GatewayBytes.RetryAfter(700));
        await first.CloseAsync();
        await first.EndedAsync();
        var left = TimeProvider.System.GetTimestamp();
        await gateway.AcceptAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(left).TotalMilliseconds, 690, 10_000);
    }

    [Fact]
    public async Task RETRY_AFTER_is_obeyed_up_to_its_cap()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway, t => t.RetryAfterCapMs = 100);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.SendAsync(GatewayBytes.RetryAfter(uint.MaxValue));
        await first.CloseAsync();

        Assert.Equal(1u, (await (await gateway.AcceptAsync()).GreetAsync()).Epoch);
    }

    [Fact]
    public async Task Without_ACK_in_time_the_link_is_given_up_and_made_anew()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway, t => t.StallMs = 300);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.EndedAsync();
        await gateway.AcceptAsync();

        Assert.Equal(1, device.Device.Status.LinksStalled);
    }

    [Fact]
    public async Task Between_two_links_both_rests_are_taken_that_the_old_socket_needs()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(
            gateway,
            t => (t.RestBeforeCollectMs, t.RestAfterCollectMs) = (300, 300)
        );
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        var left = TimeProvider.System.GetTimestamp();
        first.Drop();
        await gateway.AcceptAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(left).TotalMilliseconds, 590, double.MaxValue);
    }

    [Fact]
    public async Task Without_WELCOME_in_time_the_link_is_given_up_and_made_anew()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway, t => t.WelcomeMs = 200);
        await (await gateway.AcceptAsync()).EndedAsync();

        Assert.Equal(1u, (await (await gateway.AcceptAsync()).GreetAsync()).Epoch);
    }

    [Fact]
    public async Task A_fragmented_message_ends_the_link_and_is_counted()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.SendFragmentedAsync(GatewayBytes.Ack(1, 1));
        await first.EndedAsync();
        await gateway.AcceptAsync();

        Assert.Equal(1, device.Device.Status.FragmentsRefused);
    }

    [Fact]
    public async Task Half_a_message_and_then_the_end_is_no_message_and_its_rows_come_again()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        var sent = await first.TelemetryAsync();
        await first.SendHalfAndLeaveAsync(GatewayBytes.Ack(sent.Epoch, sent.Sequence));
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();

        Assert.Equal(sent.Sequence, (await second.TelemetryAsync()).Sequence);
        var status = device.Device.Status;
        Assert.Equal((0L, 0L, 0L), (status.RowsAcknowledged, status.MalformedMessages, status.FragmentsRefused));
        Assert.Contains("link: the connection closed", device.Log);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_radio_is_off_or_mute_no_link_comes_about_and_afterwards_all_rows_arrive(bool mute)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway, t => t.StallMs = mute ? 3000 : 60_000);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.TelemetryAsync();
        device.Device.LoseRadio(mute);
        // By the stand-in's word, or by the stall timer.
        await first.EndedAsync();
        await Eventually.TrueAsync(() => device.Device.Status.ConnectFailures >= 2);
        Assert.Equal(mute ? 1 : 0, device.Device.Status.LinksStalled);
        device.Device.FindRadio();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();

        Assert.Equal(1u, (await second.TelemetryAsync()).Sequence);
    }

    [Fact]
    public async Task A_radio_that_is_mute_for_a_moment_costs_no_link()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        var before = await link.TelemetryAsync();
        device.Device.LoseRadio(mute: true);
        await link.AckAsync(before);
        var sampled = device.Device.Status.RowsSampled;
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled > sampled + 12);
        Assert.Equal(0, device.Device.Status.RowsAcknowledged);
        device.Device.FindRadio();
        await link.AckAsync(await link.TelemetryAsync());
        await Eventually.TrueAsync(() => device.Device.Status.RowsAcknowledged >= before.Rows);

        Assert.Equal(1, device.Device.Status.LinksOpened);
    }

    [Fact]
    public async Task A_malformed_message_ends_the_link_and_is_counted()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.SendAsync([.. GatewayBytes.Ack(1, 1), 0]);
        await first.EndedAsync();
        await gateway.AcceptAsync();

        Assert.Equal(1, device.Device.Status.MalformedMessages);
    }
}
