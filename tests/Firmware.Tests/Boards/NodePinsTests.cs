using System.Reflection;
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
        var board = new Esp32DevKit(PinsOf(name));
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
        var board = new Esp32DevKit();
        var application = new Application(board, new DeviceSettings { Gateway = "ws://localhost", Token = "a.b" });
        var (values, present) = (new long[3], new bool[3]);

        Assert.Equal(1u, application.Epoch);
        Assert.Equal(["climate", "supply", "board"], board.Sensors.Select(s => s.Measurement));
        Assert.False(board.Sensors[0].TryRead(values, present));
        Assert.True(board.Sensors[2].TryRead(values, present));
    }

    /// <summary>Of whichever boards the tool has written.</summary>
    private static NodePins PinsOf(string name) =>
        typeof(NodePins)
            .GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Select(board => board.Invoke(null, null))
            .OfType<NodePins>()
            .Single(pins => pins.Board == name);
}
