using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;

namespace Firmware.Tests.Sensors;

public sealed class BoardHealthTests : IDisposable
{
    private readonly SensorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Uptime_is_in_seconds_and_the_heap_in_bytes()
    {
        _bench.Clock.BootMs = 61_500;

        Assert.True(_bench.Read(new BoardHealthSensor(_bench.Clock, new Counters { SensorFailures = 3 })));
        Assert.Equal(61, _bench.Values[0]);
        Assert.InRange(_bench.Values[1], 10_000, 500_000);
        Assert.Equal(3, _bench.Values[2]);
    }

    [Fact]
    public async Task The_heap_of_a_virtual_device_is_smaller_by_what_its_link_holds()
    {
        using var ca = new PrivateCa();
        await using var gateway = await TestGateway.StartAsync(ca.Issue("localhost"));
        gateway.RefuseWith = 503;
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { CaPem = ca.Pem });
        await Eventually.TrueAsync(() => Heaps(device).Contains(146_800));
        gateway.RefuseWith = null;
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();

        await Eventually.TrueAsync(() => Heaps(device).Contains(146_800 - 33_400));
    }

    private static IEnumerable<long> Heaps(DeviceUnderTest device) =>
        device
            .Rows.SelectMany(row => row.Readings)
            .Where(value => value.Field == "free_heap")
            .Select(value => value.Raw);

    [Fact]
    public async Task What_a_loose_wire_cost_reaches_the_gateway()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        device.Device.DisturbI2c(6);
        long errors;
        do
        {
            var telemetry = await link.TelemetryAsync();
            await link.AckAsync(telemetry);
            errors = telemetry.Blocks.Single(b => b.SensorId == 2).Values[2][^1] ?? 0;
        } while (errors == 0);

        Assert.Equal("board", TestCatalog.Measurements[2]);
        Assert.Equal("sensor_errors", TestCatalog.Virtual[2][2].Name);
        Assert.InRange(errors, 1, 6);
    }
}
