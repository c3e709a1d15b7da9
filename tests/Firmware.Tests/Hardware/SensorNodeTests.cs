using IoTGateway.Device.Boards;
using IoTGateway.Hardware;

namespace Firmware.Tests.Hardware;

public class SensorNodeTests
{
    public static TheoryData<string> Names => BoardFileTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_pins_can_do_what_it_asks_of_them(string name) =>
        Assert.Empty(HardwareFolder.Node.ProblemsOn(HardwareFolder.Board(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_wired_to_the_pins_that_the_board_names_for_I2C(string name)
    {
        var (board, wired) = (HardwareFolder.Board(name), HardwareFolder.Node.Pins[name]);

        Assert.Equal((board.I2c.Data, board.I2c.Clock), (wired["i2c-data"], wired["i2c-clock"]));
    }

    [Fact]
    public void A_board_for_which_nobody_has_chosen_pins_is_refused_role_by_role()
    {
        var board = HardwareFolder.Board("esp32-devkitc") with { Name = "new" };

        Assert.Equal(
            HardwareFolder.Node.Needs.Keys.Select(role => $"sensor-node/wiring.json has no pin for {role}"),
            HardwareFolder.Node.ProblemsOn(board)
        );
    }

    [Fact]
    public void The_firmware_reckons_with_the_divider_that_is_wired()
    {
        const int ConverterMillivolts = 3300;
        var divider = HardwareFolder.Node.SupplyDivider;

        Assert.Equal(
            Esp32DevKit.SupplyFullScaleMillivolts,
            ConverterMillivolts * (divider.UpperOhms + divider.LowerOhms) / divider.LowerOhms
        );
    }

    [Fact]
    public void Every_part_that_is_wired_is_in_the_bill_of_materials()
    {
        var bill = File.ReadAllLines(Path.Combine(HardwareFolder.Root, "sensor-node", "bill-of-materials.csv"));

        Assert.Equal("reference,quantity,part,manufacturer,part number,note", bill[0]);
        Assert.All(bill, line => Assert.Equal(6, line.Split(',').Length));
        foreach (var part in (string[])["BME280", "LED", "330 Ω", "200 kΩ", "100 kΩ", "100 nF", "ESP32"])
            Assert.Contains(bill, line => line.Contains(part, StringComparison.Ordinal));
    }
}
