using IoTGateway.Hardware;

namespace Firmware.Tests.Hardware;

public class PinRulesTests
{
    [Theory]
    [InlineData("esp32-devkitc", 34, "output", "it is an input only")]
    [InlineData("esp32-devkitc", 36, "i2c", "it is an input only")]
    [InlineData("esp32-devkitc", 6, "output", "it belongs to flash")]
    [InlineData("esp32-devkitc", 1, "output", "it belongs to console")]
    [InlineData("esp32-devkitc", 12, "output", "it is a strapping pin")]
    [InlineData("esp32-devkitc", 25, "adc", "ADC2_CH8 is Wi-Fi's while that is on")]
    [InlineData("esp32-devkitc", 23, "adc", "it has no ADC")]
    [InlineData("esp32-devkitc", 24, "output", "has no such pin")]
    [InlineData("esp32-devkitc", 23, "pwm", "no pin is known to do 'pwm'")]
    [InlineData("esp32-s3-devkitc-1", 35, "output", "it belongs to PSRAM")]
    [InlineData("esp32-s3-devkitc-1", 19, "i2c", "it belongs to USB")]
    [InlineData("esp32-s3-devkitc-1", 46, "output", "it is a strapping pin")]
    [InlineData("esp32-c3-devkitm-1", 5, "adc", "ADC2_CH0 is Wi-Fi's while that is on")]
    [InlineData("esp32-c3-devkitm-1", 8, "i2c", "it is a strapping pin")]
    public void A_pin_that_cannot_do_it_is_refused_with_the_reason(string board, int gpio, string needs, string reason)
    {
        var problem = Assert.Single(PinRules.Problems(HardwareFolder.Board(board), [new("part", gpio, needs)]));

        Assert.StartsWith($"part on GPIO {gpio}: ", problem, StringComparison.Ordinal);
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_parts_on_one_pin_are_refused()
    {
        var problem = Assert.Single(
            PinRules.Problems(
                HardwareFolder.Board("esp32-devkitc"),
                [new("led", 21, "output"), new("i2c-data", 21, "i2c")]
            )
        );

        Assert.Equal("GPIO 21 is both led and i2c-data", problem);
    }

    [Fact]
    public void What_a_pin_can_do_is_allowed() =>
        Assert.Empty(
            PinRules.Problems(
                HardwareFolder.Board("esp32-devkitc"),
                [new("led", 23, "output"), new("door", 39, "input"), new("supply", 34, "adc")]
            )
        );
}
