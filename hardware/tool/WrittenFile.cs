namespace IoTGateway.Hardware;

/// <summary>A file that the boards and the node decide from its first byte to its last.</summary>
/// <param name="Path">From the repository's root, with slashes.</param>
/// <param name="Text">What it holds.</param>
internal readonly record struct WrittenFile(string Path, string Text)
{
    /// <summary>All of them: the command writes them, and a test holds what is committed to them.</summary>
    public static IReadOnlyList<WrittenFile> All(IReadOnlyList<Board> boards, SensorNode node) =>
        [
            new("firmware/Device/Boards/NodePins.cs", NodePinsSource.Write(boards, node)),
            .. boards.Select(b => new WrittenFile(
                $"hardware/sensor-node/wiring-{b.Name}.svg",
                WiringDrawing.Draw(b, node)
            )),
        ];
}
