using IoTGateway.Hardware;
using IoTGateway.Tests;

namespace Firmware.Tests.Hardware;

internal static class HardwareFolder
{
    public static string Root { get; } = Path.Combine(RepositoryRoot.Path, "hardware");

    public static IReadOnlyList<Board> Boards { get; } = IoTGateway.Hardware.Board.All(Root);

    public static SensorNode Node { get; } = SensorNode.Read(Root);

    public static Board Board(string name) => Boards.Single(b => b.Name == name);
}
