using Firmware.Tests.Hardware;
using Firmware.Tests.StandIns;
using IoTGateway.Device.Boards;
using nanoFramework.Hardware.Esp32;

namespace Firmware.Tests.Boards;

/// <summary>The firmware's own composition, watched at the pins that it opens, against the files of hardware/.</summary>
public sealed class NodePinsTests : IDisposable
{
    private readonly TestMachine _test = new();

    public static TheoryData<string> Names => BoardFileTests.Names;

    public void Dispose() => _test.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void The_firmware_uses_the_pins_that_are_wired(string name)
    {
        var wired = HardwareFolder.Node.Pins[name];
        var board = new Esp32DevKit(NodePins.Find(name));
        var wiring = _test.Machine.Wiring;
        var adc = HardwareFolder.Board(name).Find(wired["supply"])?.Adc;

        Assert.Equal(name, board.Name);
        Assert.Equal([wired["led"]], _test.Machine.Pins.Keys);
        Assert.Equal(DeviceFunction.I2C1_DATA, wiring.FunctionOf(wired["i2c-data"]));
        Assert.Equal(DeviceFunction.I2C1_CLOCK, wiring.FunctionOf(wired["i2c-clock"]));
        Assert.Equal([0x76], wiring.AddressesOpened.Keys);
        Assert.Equal(adc, $"ADC1_CH{Assert.Single(wiring.AdcChannelsOpened).Key}");
    }

    [Fact]
    public void A_board_without_any_part_boots_and_reports_its_health()
    {
        var board = new Esp32DevKit(NodePins.Find("esp32-devkitc"));
        var application = new Application(board, new DeviceSettings { Gateway = "ws://localhost", Token = "a.b" });
        var (values, present) = (new long[3], new bool[3]);

        Assert.Equal(1u, application.Epoch);
        Assert.Equal(["climate", "supply", "board"], board.Sensors.Select(s => s.Measurement));
        Assert.False(board.Sensors[0].TryRead(values, present));
        Assert.True(board.Sensors[2].TryRead(values, present));
    }

    [Fact]
    public void The_boards_are_found_by_their_names_and_no_other()
    {
        Assert.Equal(BoardFileTests.Names.Select(row => row.Data), NodePins.All.Split(", "));
        Assert.All(NodePins.All.Split(", "), name => Assert.Equal(name, NodePins.Find(name).Board));
        Assert.Null(NodePins.Find("esp32"));
        Assert.NotNull(NodePins.Find(new DeviceSettings().Board));
    }
}
