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
}
