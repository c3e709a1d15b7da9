using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice;

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
            o => o with { OutboxBytes = 300, RowsPerMessage = 1, Configure = TinyFlash }
        );
        await Eventually.TrueAsync(() => device.Device.Status.RowsDropped >= 6);
        gateway.RefuseWith = null;
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        Assert.Equal(MessageType.Reported, (await link.NextAsync())[0]);
        var log = DeviceMessageReader.Log(await link.NextAsync());
        Assert.Equal((3, "link"), (log?.Level ?? 0, log?.Category));
        byte[] message;
        do message = await link.NextAsync();
        while (message[0] == MessageType.Log);
        var gap = DeviceMessageReader.Gap(message);
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
            o => o with { OutboxBytes = 300, RowsPerMessage = 1, Configure = TinyFlash }
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
    public async Task After_an_outage_and_a_stop_the_rows_come_from_flash_with_their_own_epoch_before_the_new_ones()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.RefuseWith = 503;
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled >= 12);
        await device.Device.StopAsync(CancellationToken.None);
        var stopped = device.Device.Status;
        Assert.Equal((stopped.RowsSampled, 0L), (stopped.RowsInFlash, stopped.RowsLost));
        gateway.RefuseWith = null;
        device.Device.Start();
        var link = await gateway.AcceptAsync();
        Assert.Equal(2u, (await link.GreetAsync()).Epoch);
        var sampled = device.Rows.Where(r => r.Epoch == 1).Select(RowText.Of).ToList();
        var received = new List<string>();
        var telemetry = await link.TelemetryAsync();
        while (telemetry.Epoch == 1)
        {
            received.AddRange(RowText.Of(telemetry));
            await link.AckAsync(telemetry);
            telemetry = await link.TelemetryAsync();
        }

        Assert.Equal(sampled.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
        Assert.Equal((2u, 1u), (telemetry.Epoch, telemetry.Sequence));
        Assert.Equal(0, device.Device.Status.RowsInFlash);
    }

    [Fact]
    public async Task Rows_from_before_a_firmware_update_go_out_under_their_own_catalog()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.RefuseWith = 503;
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled >= 6);
        await device.Device.StopAsync(CancellationToken.None);
        // The catalog of the same sensors, but the update has renamed what the first one had called "climate".
        var old = RenameCatalog(device.Flash);
        gateway.RefuseWith = null;
        device.Device.Start();
        var link = await gateway.AcceptAsync();
        await link.GreetAsync(wantsCatalog: true);
        var catalogs = new List<string>();
        byte[] message;
        do
        {
            message = await link.NextAsync();
            if (message[0] == MessageType.Catalog)
                catalogs.Add(CatalogReader.Read(message)!.Measurements[0]);
            if (message[0] == MessageType.Telemetry)
                await link.SendAsync(
                    GatewayBytes.Ack(BitConverter.ToUInt32(message, 1), BitConverter.ToUInt32(message, 5))
                );
        } while (message[0] != MessageType.Telemetry || BitConverter.ToUInt32(message, 1) == 1);

        Assert.Equal(["climate", old, "climate"], catalogs);
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

    [Theory]
    [InlineData(503)]
    [InlineData(null)]
    public async Task So_many_failures_in_a_row_are_a_reboot_that_loses_nothing(int? refuse)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.RefuseWith = refuse;
        var boots = 0;
        await using var device = DeviceUnderTest.Start(
            gateway,
            t =>
            {
                t.FailuresBeforeReboot = 4;
                t.WelcomeMs = boots++ == 0 ? 50 : 10_000;
            }
        );
        // Refused handshakes, and links on which no WELCOME ever comes.
        await Eventually.TrueAsync(() => device.Device.Status.Epoch == 2);
        gateway.RefuseWith = null;
        TestLink link;
        Hello? hello = null;
        do
        {
            link = await gateway.AcceptAsync();
            // A device that hangs up may be gone before its HELLO is read: a reset takes with it what has come in.
            if (await link.HasNextAsync())
                hello = DeviceMessageReader.Hello(await link.NextAsync());
        } while (hello is null or { Epoch: 1 });
        await link.SendAsync(GatewayBytes.Welcome(0, 4, wantsCatalog: false));
        await link.TelemetryAsync();

        Assert.Equal(2, hello?.ResetReason ?? 0);
        Assert.Equal(0, device.Device.Status.RowsLost);
        Assert.Contains("link: 4 failures in a row; rebooting", device.Log);
    }

    [Fact]
    public async Task A_stop_asked_for_while_the_board_reboots_ends_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.RefuseWith = 503;
        var rebooting = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        VirtualDevice? running = null;
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o =>
                o with
                {
                    Tune = t => t.FailuresBeforeReboot = 2,
                    // On the firmware's own thread, which reboots as soon as this returns.
                    Log = line =>
                    {
                        if (line.Contains("rebooting", StringComparison.Ordinal))
                            rebooting.TrySetResult(Volatile.Read(ref running)!.StopAsync(CancellationToken.None)); // set by then
                    },
                }
        );
        Volatile.Write(ref running, device.Device);
        var stopped = await rebooting.Task.WaitAsync(TestLink.Patience);
        await stopped.WaitAsync(TestLink.Patience);
        Assert.False(device.Device.Status.Running);
    }

    [Fact]
    public async Task A_power_cut_loses_what_was_in_RAM_and_the_next_boot_tells_of_what_time_it_was()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { Configure = s => s.LookAheadMs = 16 * 60_000 }
        );
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.TelemetryAsync();
        device.Device.CutPower();
        device.Device.Start();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();
        var gap = DeviceMessageReader.Gap(await second.NextAsync(MessageType.Gap))!;

        var lost = device.Rows.Where(r => r.Epoch == 1).ToList();
        Assert.Equal((1u, (byte)1, 0ul), (gap.Epoch, gap.Clock, gap.Rows));
        Assert.Equal(lost.Min(r => r.TimeMs), (long)gap.FromMs);
        Assert.InRange(lost.Max(r => r.TimeMs), (long)gap.FromMs, (long)gap.ToMs);
        Assert.Equal(60_000ul, gap.ToMs - gap.FromMs);
        // Delivered once: the next boot after an orderly end has nothing of it to tell.
        await second.AckAsync(await second.TelemetryAsync());
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
    public async Task Rows_that_were_in_flash_under_a_used_epoch_get_another_one_and_arrive()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.RefuseWith = 503;
        // As after a flash that was erased: two boots without a link, and the gateway holds messages of both epochs.
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled >= 12);
        await device.Device.StopAsync(CancellationToken.None);
        device.Device.Start();
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled >= 30);
        gateway.RefuseWith = null;
        await (await gateway.AcceptAsync()).GreetAsync(lastSequence: 5000);
        var link = await gateway.AcceptAsync();
        var hello = await link.GreetAsync();
        var received = new List<string>();
        var epochs = new List<uint>();
        var telemetry = await link.TelemetryAsync();
        while (telemetry.Epoch != hello.Epoch)
        {
            epochs.Add(telemetry.Epoch);
            received.AddRange(RowText.Of(telemetry));
            await link.AckAsync(telemetry);
            telemetry = await link.TelemetryAsync();
        }

        var sampled = device.Rows.Where(r => r.Epoch <= 2).Select(RowText.Of);
        Assert.Equal(sampled.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
        Assert.Equal([hello.Epoch - 2, hello.Epoch - 1], epochs.Distinct());
        Assert.Equal(0, device.Device.Status.RowsLost);
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

    private static void TinyFlash(IoTGateway.Device.Boards.DeviceSettings settings)
    {
        settings.SpillFiles = 1;
        settings.SpillFileBytes = 230;
    }

    /// <summary>Puts another catalog in place of the one in flash, and its hash into the files that name it.</summary>
    private static string RenameCatalog(string flash)
    {
        var path = Path.Combine(flash, "catalog0");
        var catalog = File.ReadAllBytes(path);
        "weather"u8.CopyTo(catalog.AsSpan(4));
        File.WriteAllBytes(path, catalog);
        foreach (var file in Directory.GetFiles(flash, "spill*"))
        {
            var bytes = File.ReadAllBytes(file);
            var header = new IoTGateway.Device.Storage.SegmentHeader();
            Assert.True(header.TryRead(bytes, 0));
            header.CatalogHash = Crc32.Compute(catalog, 1, catalog.Length - 1);
            var writer = new WireWriter(100);
            header.Write(writer);
            writer.Buffer.AsSpan(0, writer.Length).CopyTo(bytes);
            writer.Buffer.AsSpan(0, writer.Length).CopyTo(bytes.AsSpan(bytes.Length - writer.Length));
            File.WriteAllBytes(file, bytes);
        }

        return "weather";
    }
}
