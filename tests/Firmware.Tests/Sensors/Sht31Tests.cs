using IoTGateway.Device.Sensors;

namespace Firmware.Tests.Sensors;

public sealed class Sht31Tests : IDisposable
{
    private readonly SensorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>SHT3x-DIS data sheet, version 5, table 20, page 14.</summary>
    [Fact]
    public void The_data_sheets_example_has_the_checksum_that_it_prints() =>
        Assert.Equal(0x92, Sht31Conversion.Crc(0xBE, 0xEF));

    /// <summary>Section 4.13, page 14: both ends of the scale, and its middle.</summary>
    [Theory]
    [InlineData(0x0000, -4500, 0)]
    [InlineData(0xFFFF, 13000, 10000)]
    [InlineData(0x8000, 4250, 5000)]
    [InlineData(0x6666, 2500, 4000)]
    public void Counts_are_converted_as_the_data_sheet_says(int raw, int centiCelsius, int centiPercent)
    {
        Assert.Equal(centiCelsius, Sht31Conversion.CentiCelsius(raw));
        Assert.Equal(centiPercent, Sht31Conversion.CentiPercentHumidity(raw));
    }

    [Fact]
    public void What_the_room_has_comes_out()
    {
        Assert.True(_bench.Read(_bench.Sht31()));
        Assert.Equal(_bench.Room.Air.Celsius, _bench.Values[0] / 100.0, 0.01);
        Assert.Equal(_bench.Room.Air.PercentHumidity, _bench.Values[1] / 100.0, 0.01);
    }

    [Fact]
    public void A_flipped_bit_takes_the_value_it_is_in_and_leaves_the_other()
    {
        var driver = _bench.Sht31();
        for (var bit = 0; bit < 48; bit++)
        {
            var flip = new byte[6];
            flip[bit / 8] = (byte)(1 << bit % 8);
            _bench.Room.Sht31.FlipOnce = flip;

            Assert.True(_bench.Read(driver));
            Assert.Equal([bit >= 24, bit < 24, false], _bench.Present);
        }

        Assert.Equal(48, driver.ChecksumFailures);
    }

    [Fact]
    public void Two_wrong_checksums_are_no_row()
    {
        _bench.Room.Sht31.FlipOnce = [1, 0, 0, 1, 0, 0];
        var driver = _bench.Sht31();

        Assert.False(_bench.Read(driver));
        Assert.Equal(2, driver.ChecksumFailures);
    }

    [Fact]
    public void A_NACK_of_any_transfer_costs_one_row_and_a_reset()
    {
        const int Reset = 1;
        const int Measurement = 2;
        for (var at = 0; at < Reset + Measurement; at++)
        {
            var driver = _bench.Sht31();
            _bench.Bus.NackAfter(at, 1);

            Assert.False(_bench.Read(driver), $"transfer {at} failed unnoticed");
            Assert.Equal(1, driver.TransferFailures);
            var resets = _bench.Room.Sht31.Resets;
            Assert.True(_bench.Read(driver), $"did not recover from transfer {at}");
            Assert.Equal(resets + 1, _bench.Room.Sht31.Resets);
        }
    }
}
