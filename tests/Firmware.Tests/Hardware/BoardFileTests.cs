using IoTGateway.Hardware;

namespace Firmware.Tests.Hardware;

public class BoardFileTests
{
    private static readonly string[] Reasons = ["flash", "PSRAM", "USB", "console"];

    public static TheoryData<string> Names => new(HardwareFolder.Boards.Select(b => b.Name));

    [Fact]
    public void There_is_a_file_for_each_board_that_the_node_is_wired_to() =>
        Assert.Equal(HardwareFolder.Node.Pins.Keys.Order(), HardwareFolder.Boards.Select(b => b.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_number_on_the_headers_is_a_pin_once(string name)
    {
        var board = HardwareFolder.Board(name);
        var numbers = board
            .Headers.Left.Concat(board.Headers.Right)
            .Where(l => l is not ("3V3" or "5V" or "GND" or "EN" or "RST"))
            .Select(int.Parse)
            .ToList();

        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.All(numbers, n => Assert.NotNull(board.Find(n)));
        Assert.Equal(board.Pins.Count, board.Pins.Select(p => p.Gpio).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_pin_may_not_do_is_said_in_known_words(string name)
    {
        foreach (var pin in HardwareFolder.Board(name).Pins)
        {
            Assert.True(pin.Reserved is null || Reasons.Contains(pin.Reserved), $"GPIO {pin.Gpio}: {pin.Reserved}");
            Assert.Matches("^(ADC[12]_CH[0-9])?$", pin.Adc ?? "");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_converter_channel_is_on_two_pins(string name)
    {
        var channels = HardwareFolder.Board(name).Pins.Select(p => p.Adc).OfType<string>().ToList();

        Assert.Equal(channels.Count, channels.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_default_I2C_pins_can_be_just_that(string name)
    {
        var board = HardwareFolder.Board(name);

        Assert.Empty(
            PinRules.Problems(board, [new("data", board.I2c.Data, "i2c"), new("clock", board.I2c.Clock, "i2c")])
        );
    }
}
