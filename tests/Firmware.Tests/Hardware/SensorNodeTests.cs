using System.Xml.Linq;
using IoTGateway.Device.Boards;
using IoTGateway.Hardware;

namespace Firmware.Tests.Hardware;

public class SensorNodeTests
{
    public static TheoryData<string> Names => BoardFileTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_pins_can_do_what_it_asks_of_them(string name)
    {
        var board = HardwareFolder.Board(name);

        Assert.Empty(PinRules.Problems(board, HardwareFolder.Node.UsesOn(board)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_picture_is_what_the_files_say(string name)
    {
        var file = Path.Combine(HardwareFolder.Root, "sensor-node", $"wiring-{name}.svg");
        var drawn = WiringDrawing.Draw(HardwareFolder.Board(name), HardwareFolder.Node);

        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == drawn,
            $"{file} has drifted: run 'dotnet run --project hardware/tool' and commit what it draws"
        );
        Assert.Equal("svg", XDocument.Parse(drawn).Root?.Name.LocalName);
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
