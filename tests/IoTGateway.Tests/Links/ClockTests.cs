using System.Text.Json;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.History;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>Times of devices without a clock, and rows that a device had to drop.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task Rows_of_a_device_without_a_clock_land_on_the_wall_clock()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("roof"));
        const ulong SinceBoot = 600_000;
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await device.HelloAsync(House.Hello(1) with { Clock = ClockKind.SinceBoot, NowMs = SinceBoot });
        await device.SendAsync(House.Catalog.Write);
        var welcomed = (long)device.Welcome.NowMs;
        // Sampled one minute before HELLO.
        await device.SendAsync(
            House.Telemetry(new TelemetryHeader(1, 1, ClockKind.SinceBoot, (long)SinceBoot - 60_000, 1), 20, 21)
        );
        await device.AcknowledgedAsync(1, 1);
        var points = await Readings.WaitAsync(gateway, "roof", "climate", "temperature", count: 2);
        // The gateway took the time in between.
        Assert.InRange(points[0][0], before - 60_000, welcomed - 60_000);
        Assert.Equal(
            [
                [points[0][0], 20],
                [points[0][0] + 1000, 21],
            ],
            points
        );
        Assert.Equal(0, await gateway.MetricAsync("iotgw_estimated_times_total"));
    }

    [Fact]
    public async Task Rows_of_a_boot_that_never_met_the_gateway_end_before_the_present_boot_and_are_counted()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await device.HelloAsync(House.Hello(2) with { Clock = ClockKind.SinceBoot, NowMs = 5_000 });
        await device.SendAsync(House.Catalog.Write);
        await device.SendAsync(House.Telemetry(new TelemetryHeader(1, 9, ClockKind.SinceBoot, 70_000, 1), 20, 21));
        await device.AcknowledgedAsync(1, 9);
        var points = await Readings.WaitAsync(gateway, "roof", "climate", "temperature", count: 2);
        Assert.InRange(points[1][0], before - 5_000, (long)device.Welcome.NowMs - 5_000);
        Assert.Equal(1, await gateway.MetricAsync("iotgw_estimated_times_total"));
    }

    [Fact]
    public async Task A_clock_that_is_set_on_an_open_link_is_shown_as_it_is_now()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await OpenAsync(gateway);
        uint sequence = 0;
        await SendAsync(TimeSpan.Zero);
        await IsShownAsync(gateway, TimeSpan.Zero);
        await SendAsync(TimeSpan.FromDays(365));
        await IsShownAsync(gateway, TimeSpan.FromDays(365));
        // One older message may be that of another sensor; several in a row are the clock.
        for (var i = 0; i < 3; i++)
            await SendAsync(TimeSpan.FromHours(-2));
        await IsShownAsync(gateway, TimeSpan.FromHours(-2));
        await SendAsync(TimeSpan.Zero);
        await IsShownAsync(gateway, TimeSpan.Zero);

        async Task SendAsync(TimeSpan off)
        {
            await device.SendAsync(House.Telemetry(1, ++sequence, Now + (long)off.TotalMilliseconds, 20));
            await device.AcknowledgedAsync(1, sequence);
        }
    }

    [Fact]
    public async Task A_backlog_is_no_wrong_clock_nor_are_the_rows_of_a_boot_before()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await OpenAsync(gateway, epoch: 2);
        var year = (long)TimeSpan.FromDays(365).TotalMilliseconds;
        await device.SendAsync(House.Telemetry(1, 1, Now + year, 20));
        await device.AcknowledgedAsync(1, 1);
        await IsShownAsync(gateway, TimeSpan.Zero);
        for (var sequence = 1u; sequence <= 10; sequence++)
        {
            await device.SendAsync(House.Telemetry(2, sequence, Now - ((10 - sequence) * 3_600_000), 20));
            await device.AcknowledgedAsync(2, sequence);
            await IsShownAsync(gateway, TimeSpan.Zero);
        }
    }

    [Theory]
    [InlineData(365)]
    [InlineData(-1)]
    public async Task A_step_of_the_gateways_own_clock_is_shown_at_its_devices_and_goes_with_it(int days)
    {
        var time = new SteppedTime();
        await using var gateway = await TestGateway.StartAsync(time);
        await using var device = await OpenAsync(gateway);
        foreach (var (sequence, step, shown) in new[] { (1u, 0, 0), (2u, days, -days), (3u, -days, 0) })
        {
            time.Step(TimeSpan.FromDays(step));
            await device.SendAsync(House.Telemetry(1, sequence, Now, 20));
            await device.AcknowledgedAsync(1, sequence);
            await IsShownAsync(gateway, TimeSpan.FromDays(shown));
        }
    }

    [Fact]
    public async Task A_clock_that_stands_near_1970_counts_from_its_boot_and_what_it_said_is_kept()
    {
        const long Uptime = 600_000;
        await using var gateway = await TestGateway.StartAsync();
        using var raw = gateway.Get<TelemetryJournal>().OpenCursor("raw");
        await using var device = await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var before = Now;
        await device.HelloAsync(House.Hello(1) with { NowMs = (ulong)Uptime });
        var boot = (before - Uptime, (long)device.Welcome.NowMs - Uptime);
        await device.SendAsync(House.Catalog.Write);
        await device.SendAsync(new Gap(1, ClockKind.Unix, 1_000, 2_000, 17).Write);
        await device.SendAsync(House.Telemetry(1, 1, Uptime - 60_000, 20, 21));
        await device.AcknowledgedAsync(1, 1);
        var points = await Readings.WaitAsync(gateway, "roof", "climate", "temperature", count: 2);
        Assert.InRange((long)points[0][0] - (Uptime - 60_000), boot.Item1, boot.Item2);
        var gap = Assert.Single(gateway.Get<HistoryQuery>().Gaps("roof", 0, long.MaxValue));
        Assert.InRange(gap.FromUnixMs - 1_000, boot.Item1, boot.Item2);
        var skew = (await Presence.DeviceAsync(gateway, "roof")).GetProperty("clockSkewMs");
        Assert.Equal(JsonValueKind.Null, skew.ValueKind);

        var batch = new JournalBatch();
        raw.Read(batch, 1 << 16);
        var kept = batch.Records.ToArray().Single(record => record.Sequence == 1);
        var reader = new TelemetryReader(kept.Body.Span);
        var block = new RowBlock();
        Assert.True(reader.TryReadBlock(House.Catalog, block));
        Assert.Equal([Uptime - 60_000, Uptime - 59_000], block.Times.ToArray());
    }

    [Fact]
    public async Task A_GAP_is_counted_and_kept()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var (from, to) = ((ulong)House.Noon, (ulong)House.Noon + 5_000);
        await device.SendAsync(new Gap(1, ClockKind.Unix, from, to, 17).Write);
        await Patience.UntilAsync(
            () => gateway.Get<HistoryQuery>().Gaps("roof", 0, long.MaxValue).Count == 1,
            "the gap in the history"
        );
        var gap = gateway.Get<HistoryQuery>().Gaps("roof", 0, long.MaxValue)[0];
        Assert.Equal(new HistoryGap(1, (long)from, (long)to, 17), gap);
        Assert.Equal(17, await gateway.MetricAsync("iotgw_gap_rows_total"));
        var counters = (await Presence.DeviceAsync(gateway, "roof")).GetProperty("counters");
        Assert.Equal(17, counters.GetProperty("rowsDropped").GetInt32());
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private static async Task<LinkClient> OpenAsync(TestGateway gateway, uint epoch = 1)
    {
        var device = await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.HelloAsync(House.Hello(epoch) with { NowMs = (ulong)Now });
        await device.SendAsync(House.Catalog.Write);
        return device;
    }

    private static async Task IsShownAsync(TestGateway gateway, TimeSpan off)
    {
        var skew = (await Presence.DeviceAsync(gateway, "roof")).GetProperty("clockSkewMs").GetInt64();
        // What came took its time.
        Assert.InRange(TimeSpan.FromMilliseconds(skew) - off, -Patience.Long, TimeSpan.FromSeconds(1));
    }
}
