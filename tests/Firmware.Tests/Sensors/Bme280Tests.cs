using IoTGateway.VirtualDevice;
using nanoFramework.Hardware.Esp32;

namespace Firmware.Tests.Sensors;

public sealed class Bme280Tests : IDisposable
{
    // Identity, reset, status, two of calibration, two settings; then start, status, data.
    private const int TransfersOfSetUp = 7;
    private const int TransfersOfReading = 3;

    private readonly SensorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void What_the_room_has_comes_out_of_registers_and_trimming_values()
    {
        var driver = _bench.Bme280();

        Assert.True(_bench.Read(driver));
        Assert.Equal([true, true, true], _bench.Present);
        Assert.Equal(_bench.Room.Air.Celsius, _bench.Values[0] / 100.0, 0.02);
        Assert.Equal(_bench.Room.Air.PercentHumidity, _bench.Values[1] / 100.0, 0.1);
        Assert.Equal(_bench.Room.Air.Hectopascals, _bench.Values[2] / 10.0, 0.1);
    }

    [Theory]
    [InlineData(-39, 5, 320)]
    [InlineData(0, 95, 1013.2)]
    [InlineData(84, 20, 1090)]
    public void Cold_heat_and_height_are_measured_alike(double celsius, double percent, double hectopascals)
    {
        var air = _bench.Room.Air;
        (air.Celsius, air.PercentHumidity, air.Hectopascals) = (celsius, percent, hectopascals);

        Assert.True(_bench.Read(_bench.Bme280()));
        Assert.Equal(air.Celsius, _bench.Values[0] / 100.0, 0.02);
        Assert.Equal(air.PercentHumidity, _bench.Values[1] / 100.0, 0.1);
        Assert.Equal(air.Hectopascals, _bench.Values[2] / 10.0, 0.1);
    }

    [Fact]
    public void A_chip_is_set_up_once_and_then_only_read()
    {
        var driver = _bench.Bme280();
        for (var i = 0; i < 10; i++)
            Assert.True(_bench.Read(driver));

        Assert.Equal(1, driver.SetUps);
        Assert.Equal(TransfersOfSetUp + 10 * TransfersOfReading, _bench.Bus.Transfers);
    }

    /// <summary>Wherever the bus fails, that row is missing, the failure is counted, and the next row is there.</summary>
    [Fact]
    public void A_NACK_of_any_transfer_costs_one_row_and_no_more()
    {
        for (var at = 0; at < TransfersOfSetUp + TransfersOfReading; at++)
        {
            var driver = _bench.Bme280();
            _bench.Bus.NackAfter(at, 1);

            Assert.False(_bench.Read(driver), $"transfer {at} failed unnoticed");
            Assert.Equal([false, false, false], _bench.Present);
            Assert.Equal(1, driver.TransferFailures);
            Assert.True(_bench.Read(driver), $"did not recover from transfer {at}");
            Assert.Equal([true, true, true], _bench.Present);
        }
    }

    [Fact]
    public void A_chip_that_is_not_there_is_looked_for_at_every_reading()
    {
        _bench.Bus.Detach(0x76);
        var driver = _bench.Bme280();
        for (var i = 0; i < 3; i++)
            Assert.False(_bench.Read(driver));
        _bench.Bus.Attach(0x76, _bench.Room.Bme280);

        Assert.True(_bench.Read(driver));
        Assert.Equal(3, driver.TransferFailures);
    }

    [Fact]
    public void A_chip_that_lost_its_power_between_readings_is_set_up_anew()
    {
        var driver = _bench.Bme280();
        _bench.Read(driver);
        _bench.Room.Bme280.CyclePower();

        // Its humidity setting went with the power: what was not measured is missing, not zero.
        Assert.True(_bench.Read(driver));
        Assert.Equal([true, false, true], _bench.Present);
        Assert.True(_bench.Read(driver));
        Assert.Equal([true, true, true], _bench.Present);
        Assert.Equal(2, driver.SetUps);
    }

    [Fact]
    public void Another_chip_at_its_address_is_not_read()
    {
        _bench.Room.Bme280.ChipId = 0x58; // a BMP280: no humidity

        Assert.False(_bench.Read(_bench.Bme280()));
    }

    [Fact]
    public void A_slow_measurement_is_waited_for_and_an_endless_one_is_not()
    {
        var driver = _bench.Bme280();
        _bench.Room.Bme280.StatusReadsUntilDone = 4;
        Assert.True(_bench.Read(driver));
        _bench.Room.Bme280.StatusReadsUntilDone = 1000;
        Assert.False(_bench.Read(driver));
        Assert.InRange(_bench.Clock.BootMs, 1, 100);
        _bench.Room.Bme280.StatusReadsUntilDone = 0;
        Assert.True(_bench.Read(driver));
    }

    [Fact]
    public void On_a_noisy_bus_the_device_samples_what_it_can_and_counts_the_rest()
    {
        const int Ticks = 1000;
        _bench.Bus.NackAtRandom(0.05, new Random(11));
        var counters = _bench.Sample(_bench.Bme280(), Ticks);

        Assert.Equal(Ticks, counters.RowsSampled + counters.SensorFailures);
        Assert.InRange(counters.SensorFailures, 50, 500);
    }

    [Fact]
    public void A_chip_that_falls_silent_and_comes_back_is_told_once_each()
    {
        var counters = _bench.Sample(
            _bench.Bme280(),
            30,
            tick =>
            {
                if (tick == 10)
                    _bench.Bus.Detach(0x76);
                if (tick == 20)
                    _bench.Bus.Attach(0x76, _bench.Room.Bme280);
            }
        );

        Assert.Equal((20, 10), (counters.RowsSampled, counters.SensorFailures));
        Assert.Equal(["climate: gives no values", "climate: gives values again"], _bench.Console);
    }

    [Fact]
    public void Without_its_pins_a_bus_is_silent()
    {
        _bench.Room.Wiring.Set(SimulatedRoom.DataPin, DeviceFunction.I2C2_DATA);
        var driver = _bench.Bme280();

        Assert.False(_bench.Read(driver));
        Assert.Equal(1, driver.TransferFailures);
        Assert.Equal(0, _bench.Bus.Transfers);
    }

    [Fact]
    public void A_reading_allocates_nothing()
    {
        var driver = _bench.Bme280();
        var sht31 = _bench.Sht31();
        for (var i = 0; i < 100; i++)
            Assert.True(_bench.Read(driver) && _bench.Read(sht31));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _bench.Read(driver);
            _bench.Read(sht31);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
