using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Wire;

/// <summary>The virtual device's sensors in their order: climate, contact, board.</summary>
internal static class TestCatalog
{
    private static readonly SimulatedRoom Room = new(0);

    public static Field[][] Virtual { get; } =
    [Room.Climate.Fields, Room.Contact.Fields, new BoardHealthSensor(new SystemClock(), new Counters()).Fields];

    public static string[] Measurements { get; } = ["climate", "contact", "board"];
}
