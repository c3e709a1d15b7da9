using Firmware.Tests.Wire;

namespace Firmware.Tests.Link;

public class ClockTests
{
    [Fact]
    public async Task Without_a_clock_rows_bear_the_time_since_boot()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { ClockIsSetAtBoot = false, TakesTimeFromGateway = false }
        );
        var link = await gateway.AcceptAsync();
        var hello = await link.GreetAsync();
        var telemetry = await link.TelemetryAsync();

        Assert.Equal(0, hello.Clock);
        Assert.InRange(hello.NowMs, 0ul, 60_000ul);
        Assert.Equal(0, telemetry.Clock);
        Assert.InRange(telemetry.BaseMs, 0ul, 60_000ul);
    }

    [Fact]
    public async Task A_batch_that_waits_when_the_clock_is_set_is_put_on_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { ClockIsSetAtBoot = false, TakesTimeFromGateway = false, RowsPerMessage = 30 }
        );
        var link = await gateway.AcceptAsync();
        Assert.Equal(0, (await link.GreetAsync()).Clock);
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled >= 9);
        device.Device.SetClock();
        var telemetry = await link.TelemetryAsync();

        Assert.Equal(1, telemetry.Clock);
        Assert.Equal(30, telemetry.Blocks[0].TimesMs.Length);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.All(telemetry.Blocks[0].TimesMs, t => Assert.InRange(t, now - 60_000, now));
    }

    [Fact]
    public async Task A_device_without_a_clock_takes_the_time_from_WELCOME()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { ClockIsSetAtBoot = false, RowsPerMessage = 20 }
        );
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        var telemetry = await link.TelemetryAsync();

        Assert.Equal(1, telemetry.Clock);
        Assert.InRange(telemetry.BaseMs, GatewayBytes.NowMs - 60_000, GatewayBytes.NowMs + 60_000);
    }

    [Fact]
    public async Task A_clock_that_jumps_about_makes_no_row_vanish_and_none_come_twice()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        Action[] jumps =
        [
            () => device.Device.ShiftClock(TimeSpan.FromMilliseconds(-300)),
            () => device.Device.ShiftClock(TimeSpan.FromDays(365)),
            () => device.Device.LoseClock(),
            () => device.Device.SetClock(),
            () => device.Device.ShiftClock(TimeSpan.FromMilliseconds(-1000)),
        ];
        var received = new List<string>();
        Telemetry telemetry = await link.TelemetryAsync();
        foreach (var jump in jumps)
        {
            jump();
            for (var i = 0; i < 3; i++)
            {
                received.AddRange(RowText.Of(telemetry));
                await link.AckAsync(telemetry);
                telemetry = await link.TelemetryAsync();
            }
        }

        var sampled = device.Rows.Where(r => r.Sequence < telemetry.Sequence).ToList();
        Assert.Equal(sampled.Select(RowText.Of).Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
        Assert.Equal(sampled.Count, sampled.Select(r => (r.Measurement, r.TimeMs)).Distinct().Count());
    }
}
