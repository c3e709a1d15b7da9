using System.Runtime.CompilerServices;
using IoTGateway.Hardware;

namespace Firmware.Tests.Hardware;

internal static class HardwareFolder
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "hardware"));

    public static IReadOnlyList<Board> Boards { get; } = IoTGateway.Hardware.Board.All(Root);

    public static SensorNode Node { get; } = SensorNode.Read(Root);

    public static Board Board(string name) => Boards.Single(b => b.Name == name);

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!; // a file has a folder
}
