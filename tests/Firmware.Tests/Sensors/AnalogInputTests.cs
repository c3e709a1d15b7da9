using IoTGateway.Device.Sensors;

namespace Firmware.Tests.Sensors;

public sealed class AnalogInputTests : IDisposable
{
    private readonly SensorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    [InlineData(3102, 5000)]
    [InlineData(4094, 6598)]
    public void A_count_becomes_the_voltage_before_the_divider(int count, int millivolts)
    {
        Assert.True(_bench.Read(_bench.Supply(() => count)));
        Assert.Equal(millivolts, _bench.Values[0]);
        Assert.True(_bench.Present[0]);
    }

    [Fact]
    public void Noise_is_averaged()
    {
        var noise = new Random(3);
        var driver = _bench.Supply(() => 2048 + noise.Next(-40, 41));
        var (lowest, highest) = (long.MaxValue, long.MinValue);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_bench.Read(driver));
            lowest = Math.Min(lowest, _bench.Values[0]);
            highest = Math.Max(highest, _bench.Values[0]);
        }

        Assert.InRange(highest - lowest, 1, 64); // a single reading spreads over 129 mV
    }

    [Fact]
    public void At_the_converters_end_the_voltage_is_missing_and_counted()
    {
        var driver = _bench.Supply(() => AnalogInput.FullScaleCount);

        Assert.False(_bench.Read(driver));
        Assert.Equal([false, false, false], _bench.Present);
        Assert.Equal(1, driver.Overruns);
    }

    [Fact]
    public void A_converter_that_throws_does_not_end_the_sampling()
    {
        var readings = 0;
        var driver = _bench.Supply(() => readings++ % 20 == 0 ? throw new InvalidOperationException("busy") : 1000);
        var counters = _bench.Sample(driver, 100);

        Assert.Equal(100, counters.RowsSampled + counters.SensorFailures);
        Assert.InRange(counters.SensorFailures, 1, 99);
    }
}
