using IoTGateway.Device.Sensors;
using IoTGateway.VirtualDevice.Chips;

namespace Firmware.Tests.Sensors;

public class Bme280CompensationTests
{
    private readonly Bme280Calibration _trim = new();
    private readonly Bme280Compensation _compensation;

    public Bme280CompensationTests()
    {
        var registers = new byte[256];
        Bme280Trim.Write(registers);
        Assert.True(_trim.TryParse(registers[0x88..0xA2], registers[0xE1..0xE8]));
        _compensation = new(_trim);
    }

    /// <summary>BMP280 data sheet, section 3.12: the counts 519888 and 415148 are 25.08 °C and 100653.27 Pa.</summary>
    [Fact]
    public void The_data_sheets_worked_example_comes_out_as_printed()
    {
        var fine = _compensation.Fine(519888);

        Assert.Equal(128422, fine);
        Assert.Equal(2508, _compensation.CentiCelsius(fine));
        Assert.Equal(100653.27, _compensation.Pascals256(415148, fine) / 256.0, 0.05);
    }

    [Fact]
    public void Every_trimming_value_is_found_with_its_sign()
    {
        Assert.Equal((27504, 26435, -1000), (_trim.T1, _trim.T2, _trim.T3));
        Assert.Equal((36477, -10685, 3024), (_trim.P1, _trim.P2, _trim.P3));
        Assert.Equal((2855, 140, -7), (_trim.P4, _trim.P5, _trim.P6));
        Assert.Equal((15500, -14600, 6000), (_trim.P7, _trim.P8, _trim.P9));
        Assert.Equal((75, 362, 0), (_trim.H1, _trim.H2, _trim.H3));
        Assert.Equal((325, 50, 30), (_trim.H4, _trim.H5, _trim.H6));
    }

    /// <summary>Section 4.2.2: H4 is 0xE4 and the low half of 0xE5, H5 the high half of 0xE5 and 0xE6.</summary>
    [Fact]
    public void The_two_humidity_values_that_share_a_byte_may_be_negative()
    {
        var low = new byte[Bme280Calibration.LowBytes];
        low[0] = low[6] = 1;
        _trim.TryParse(low, [0x00, 0x80, 0xFF, 0xFF, 0x2E, 0xFC, 0x81]);

        Assert.Equal((-32768, 255), (_trim.H2, _trim.H3));
        Assert.Equal((-2, -62, -127), (_trim.H4, _trim.H5, _trim.H6));
    }

    [Fact]
    public void Zeros_are_no_calibration() => Assert.False(_trim.TryParse(new byte[26], new byte[7]));

    [Fact]
    public void A_scale_of_zero_is_no_pressure()
    {
        _trim.P1 = 0;

        Assert.Equal(0, _compensation.Pascals256(415148, 128422));
    }

    /// <summary>The data sheet's two sets of formulas, in integers and in floating point, over what the chip can measure.</summary>
    [Fact]
    public void Integers_and_floating_point_agree_over_the_whole_range()
    {
        for (var celsius = -40; celsius <= 85; celsius += 5)
        {
            var count = Bme280Trim.TemperatureCount(celsius);
            var fine = _compensation.Fine(count);
            Assert.Equal(celsius, _compensation.CentiCelsius(fine) / 100.0, 0.011);
            for (var pascals = 30_000; pascals <= 110_000; pascals += 5_000)
                Assert.Equal(
                    pascals,
                    _compensation.Pascals256(Bme280Trim.PressureCount(pascals, Bme280Trim.Fine(count)), fine) / 256.0,
                    1.0
                );
            for (var percent = 0; percent <= 100; percent += 10)
                Assert.Equal(
                    percent,
                    _compensation.PercentHumidity1024(Bme280Trim.HumidityCount(percent, Bme280Trim.Fine(count)), fine)
                        / 1024.0,
                    0.05
                );
        }
    }
}
