using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Link;

public class OutageTests
{
    [Fact]
    public async Task A_full_outbox_drops_the_oldest_and_tells_the_gap_before_the_next_rows()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.RefuseWith = 503;
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { OutboxBytes = 300, RowsPerMessage = 1 }
        );
        await Eventually.TrueAsync(() => device.Device.Status.RowsDropped >= 6);
        gateway.RefuseWith = null;
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        Assert.Equal(MessageType.Reported, (await link.NextAsync())[0]);
        var log = DeviceMessageReader.Log(await link.NextAsync());
        Assert.Equal((3, "link"), (log?.Level ?? 0, log?.Category));
        var gap = DeviceMessageReader.Gap(await link.NextAsync());
        var next = await link.TelemetryAsync();

        Assert.NotNull(gap);
        Assert.Equal(1u, gap.Epoch);
        var dropped = device.Rows.Where(r => r.Sequence < next.Sequence).ToList();
        Assert.Equal(dropped.Count, (long)gap.Rows);
        Assert.Equal(dropped.Min(r => r.TimeMs), (long)gap.FromMs);
        Assert.Equal(dropped.Max(r => r.TimeMs), (long)gap.ToMs);
    }

    [Fact]
    public async Task A_gap_is_told_again_where_no_rows_behind_it_were_acknowledged()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.RefuseWith = 503;
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { OutboxBytes = 300, RowsPerMessage = 1 }
        );
        await Eventually.TrueAsync(() => device.Device.Status.RowsDropped >= 3);
        gateway.RefuseWith = null;
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.NextAsync(MessageType.Gap);
        first.Drop();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();
        await second.NextAsync(MessageType.Gap);
    }

    [Fact]
    public async Task The_epoch_grows_with_every_boot()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        for (var epoch = 1u; epoch <= 3; epoch++)
        {
            var link = await gateway.AcceptAsync();
            Assert.Equal(epoch, (await link.GreetAsync()).Epoch);
            Assert.Equal(1u, (await link.TelemetryAsync()).Sequence);
            device.Device.CutPower();
            await link.EndedAsync();
            device.Device.Start();
        }
    }

    [Fact]
    public async Task A_power_cut_loses_what_was_in_RAM_and_says_how_much()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        await link.AckAsync(await link.TelemetryAsync());
        await link.TelemetryAsync();
        await Eventually.TrueAsync(() => device.Device.Status.RowsAcknowledged == 6);
        device.Device.CutPower();
        var status = device.Device.Status;

        Assert.False(status.Running);
        Assert.True(status.RowsLost >= 6);
        Assert.Equal(status.RowsSampled, status.RowsAcknowledged + status.RowsLost);
    }

    [Fact]
    public async Task An_epoch_the_gateway_knows_already_is_left_for_a_new_one()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        // As after a flash that was erased: epoch 1 again, and the gateway holds 5,000 messages of it.
        await (await gateway.AcceptAsync()).GreetAsync(lastSequence: 5000);
        var hello = await (await gateway.AcceptAsync()).GreetAsync();

        Assert.Equal((uint)(GatewayBytes.NowMs / 1000) + 1, hello.Epoch);
        Assert.Equal(2, hello.ResetReason);
    }

    [Fact]
    public async Task A_gateway_that_miscounts_for_ever_does_not_make_the_device_reboot_for_ever()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var epochs = new List<uint>();
        for (var i = 0; i < 4; i++)
            epochs.Add((await (await gateway.AcceptAsync()).GreetAsync(lastSequence: 5000)).Epoch);

        Assert.Equal(2, epochs.Distinct().Count());
        Assert.True(device.Device.Status.MalformedMessages >= 2);
    }

    [Fact]
    public async Task A_refused_handshake_is_retried_and_its_reason_is_asked_and_logged()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.RefuseWith = 401;
        gateway.DoctorAnswer = """{"detail":"wrong secret: provision the device anew"}""";
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        await Eventually.TrueAsync(() => gateway.HandshakesRefused >= 3);

        Assert.Contains(device.Log, line => line.Contains("provision the device anew", StringComparison.Ordinal));
        gateway.RefuseWith = null;
        Assert.Equal(1u, (await (await gateway.AcceptAsync()).GreetAsync()).Epoch);
        Assert.True(device.Device.Status.ConnectFailures >= 3);
    }
}
