using Firmware.Tests.Link;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Sensors;

public class VirtualRoomTests
{
    [Fact]
    public async Task A_virtual_device_sends_what_its_driver_made_of_the_chips_counts()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        await link.AckAsync(await link.TelemetryAsync());
        await Eventually.TrueAsync(() => device.Rows.Any(r => r.Measurement == "climate"));
        var readings = device.Rows.First(r => r.Measurement == "climate").Readings;

        Assert.Equal(["temperature", "humidity", "pressure"], readings.Select(r => r.Field));
        Assert.Equal([-2, -2, -1], readings.Select(r => r.Exponent));
        Assert.InRange(readings[0].AsDecimal, 20, 24);
        Assert.InRange(readings[1].AsDecimal, 40, 55);
        Assert.InRange(readings[2].AsDecimal, 1000, 1025);
    }

    [Fact]
    public void One_seed_is_one_room()
    {
        var (first, second) = (new SimulatedRoom(5).Climate, new SimulatedRoom(5).Climate);
        var (values, again) = (new long[3], new long[3]);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(first.TryRead(values, new bool[3]) && second.TryRead(again, new bool[3]));
            Assert.Equal(values, again);
        }
    }
}
