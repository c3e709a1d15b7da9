using System.Text.Json;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Api;

/// <summary>This machine's clock is set while devices send, with and without clocks of their own.</summary>
public sealed class ClockStepTests
{
    [Theory]
    [InlineData(365)]
    [InlineData(-1)]
    public async Task Rows_stay_right_links_stay_open_and_sinks_go_on_when_the_clock_is_set_wrong_and_right_again(
        int days
    )
    {
        var time = new SteppedTime();
        await using var gateway = await TestGateway.StartAsync(time);
        await using var own = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("own"));
        await using var bare = await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("bare"));
        const long Uptime = 600_000;
        var before = time.GetUtcNow().ToUnixTimeMilliseconds();
        await bare.HelloAsync(House.Hello(1) with { Clock = ClockKind.SinceBoot, NowMs = (ulong)Uptime });
        await bare.SendAsync(House.Catalog.Write);
        // The gateway took its time between the two.
        var (boot, slack) = (before - Uptime, (long)bare.Welcome.NowMs - before);
        var step = TimeSpan.FromDays(days);

        await SendAsync(1);
        time.Step(step);
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_clock_steps_total") == 1,
            "the step counted"
        );
        Assert.Contains(
            gateway.LogLines,
            line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("clock was set by")
        );
        await SendAsync(2);
        time.Step(-step);
        await SendAsync(3);

        var ownTimes = await TimesAsync("own");
        Assert.Equal([House.Noon + 1000, House.Noon + 2000, House.Noon + 3000], ownTimes);
        // Without a clock of its own: by this machine's, whatever it said at that moment; right again with it.
        var bareTimes = await TimesAsync("bare");
        long[] expected =
        [
            boot + Uptime + 1000,
            boot + Uptime + 2000 + (long)step.TotalMilliseconds,
            boot + Uptime + 3000,
        ];
        foreach (var (at, is_) in expected.Order().Zip(bareTimes))
            Assert.InRange(is_, at - 5, at + slack + 5);
        Assert.Equal("ready\n", await gateway.Client.GetStringAsync("/readyz"));
        Assert.Equal(0, await gateway.MetricAsync("iotgw_sink_lag_bytes{sink=\"history\"}"));
        var sinks = JsonElement.Parse(await gateway.Client.GetStringAsync("/api/sinks"));
        Assert.All(sinks.EnumerateArray(), sink => Assert.Equal("caught up", sink.GetProperty("state").GetString()));

        async Task SendAsync(uint sequence)
        {
            await own.SendAsync(House.Telemetry(1, sequence, House.Noon + (sequence * 1000), 20));
            await own.AcknowledgedAsync(1, sequence);
            var header = new TelemetryHeader(1, sequence, ClockKind.SinceBoot, Uptime + (sequence * 1000), 1);
            await bare.SendAsync(House.Telemetry(header, 20));
            await bare.AcknowledgedAsync(1, sequence);
        }

        async Task<long[]> TimesAsync(string device) =>
            [
                .. (await Readings.WaitAsync(gateway, device, "climate", "temperature", 3)).Select(point =>
                    (long)point[0]
                ),
            ];
    }

    [Fact]
    public async Task A_step_neither_fills_nor_empties_what_limits_rates()
    {
        var time = new SteppedTime();
        await using var gateway = await TestGateway.StartAsync(time, "--Limits:MessagesPerSecondPerDevice=5");
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        time.Step(TimeSpan.FromDays(-1));
        for (var sequence = 1u; sequence <= 20; sequence++)
            await device.SendAsync(House.Telemetry(1, sequence, House.Noon, 20));
        await device.AcknowledgedAsync(1, 20);
        time.Step(TimeSpan.FromDays(365));
        for (var sequence = 21u; sequence <= 200; sequence++)
            await device.SendAsync(House.Telemetry(1, sequence, House.Noon, 20));
        Assert.Equal(4429, await device.ClosedAsync());
    }
}
