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

        Assert.True(_bench.Read(new BoardHealthSensor(_bench.Clock)));
        Assert.Equal(61, _bench.Values[0]);
        Assert.InRange(_bench.Values[1], 10_000, 500_000);
    }
}
