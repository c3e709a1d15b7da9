using IoTGateway.Journal;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>HELLO, WELCOME, CATALOG, TELEMETRY, ACK.</summary>
public sealed class LinkTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_is_welcomed_asked_for_its_catalog_and_acknowledged(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:Window=7", "--Limits:PingSeconds=3");
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"), tls: tls);
        Assert.True(device.Welcome.SendCatalog);
        Assert.Equal(0u, device.Welcome.LastSequence);
        Assert.Equal(7, device.Welcome.Window);
        Assert.Equal(3, device.Welcome.PingSeconds);
        Assert.Equal(16 * 1024, device.Welcome.MaxMessageBytes);
        var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.InRange(device.Welcome.NowMs, now - 60_000, now);

        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 21.5, 21.75));
        await device.AcknowledgedAsync(1, 1);
        Assert.Equal(1u, gateway.Get<TelemetryJournal>().LastSequence("roof", 1));
        Assert.Equal(2, await gateway.MetricAsync("iotgw_rows_total"));
        Assert.Equal(4, await gateway.MetricAsync("iotgw_readings_total"));
    }

    [Fact]
    public async Task Each_receipt_stands_for_what_is_on_disk_when_it_comes()
    {
        await using var gateway = await TestGateway.StartAsync();
        var journal = gateway.Get<TelemetryJournal>();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        for (uint sequence = 1; sequence <= 50; sequence++)
        {
            await device.SendAsync(House.Telemetry(1, sequence, House.Noon + (sequence * 1000), 20));
            if (sequence % 5 != 0)
                continue;
            await device.AcknowledgedAsync(1, sequence);
            Assert.True(journal.LastSequence("roof", 1) >= sequence);
        }
        Assert.Equal(50, journal.Counters.AppendedRecords);
    }

    [Fact]
    public async Task A_catalog_that_is_known_is_not_asked_for_again_after_a_restart_either()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using (var first = await LinkClient.OpenAsync(gateway, token))
        {
            await first.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
            await first.AcknowledgedAsync(1, 1);
        }
        await gateway.RestartAsync();
        await using var second = await LinkClient.OpenAsync(gateway, token, epoch: 2);
        Assert.False(second.Welcome.SendCatalog);
        await second.SendAsync(House.Telemetry(2, 1, House.Noon + 1000, 20));
        await second.AcknowledgedAsync(2, 1);
    }

    [Fact]
    public async Task A_message_sent_again_is_acknowledged_again_and_stored_once_over_reconnects_and_a_restart()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var messages = Enumerable
            .Range(1, 3)
            .Select(sequence => House.Telemetry(1, (uint)sequence, House.Noon + (sequence * 1000), 20 + sequence))
            .ToArray();
        await SendAllAsync(expectedLast: 0);
        await SendAllAsync(expectedLast: 3);
        Assert.Equal(3, gateway.Get<TelemetryJournal>().Counters.AppendedRecords);
        Assert.Equal(3, await gateway.MetricAsync("iotgw_journal_duplicates_total"));

        await gateway.RestartAsync();
        await SendAllAsync(expectedLast: 3);
        Assert.Equal(0, gateway.Get<TelemetryJournal>().Counters.AppendedRecords);
        Assert.Equal(
            [
                [House.Noon + 1000, 21],
                [House.Noon + 2000, 22],
                [House.Noon + 3000, 23],
            ],
            await ReadBackAsync()
        );

        async Task SendAllAsync(uint expectedLast)
        {
            await using var device = await LinkClient.OpenAsync(gateway, token);
            Assert.Equal(expectedLast, device.Welcome.LastSequence);
            foreach (var message in messages)
                await device.SendAsync(message);
            await device.AcknowledgedAsync(1, 3);
        }

        async Task<double[][]> ReadBackAsync() =>
            await Readings.WaitAsync(gateway, "roof", "climate", "temperature", count: 3);
    }

    [Fact]
    public async Task Fragments_of_the_device_are_one_message()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var message = House.Telemetry(1, 1, House.Noon, 20, 21, 22);
        for (var at = 0; at < message.Length; at += 5)
            await device.SendAsync(message.AsMemory(at, Math.Min(5, message.Length - at)), at + 5 >= message.Length);
        await device.AcknowledgedAsync(1, 1);
        Assert.Equal(3, await gateway.MetricAsync("iotgw_rows_total"));
    }

    [Fact]
    public async Task A_newer_link_of_the_device_replaces_the_older_one()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using var older = await LinkClient.OpenAsync(gateway, token);
        await using var newer = await LinkClient.OpenAsync(gateway, token);
        Assert.Equal(4409, await older.ClosedAsync());
        await newer.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        await newer.AcknowledgedAsync(1, 1);
        await older.CloseAsync();
        await Patience.UntilAsync(async () => await gateway.EndedAsync("replaced") == 1, "the older link's end");
        Assert.Equal(1, await gateway.MetricAsync("iotgw_links"));
        Assert.True(await Presence.IsOnlineAsync(gateway, "roof"));
    }
}
