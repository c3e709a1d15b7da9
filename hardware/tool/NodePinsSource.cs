using System.Text;

namespace IoTGateway.Hardware;

/// <summary>
/// The firmware's pins as C# that a board's toolchain takes: a property for each role, a method for each board. One
/// statement a line, however many roles there are: the formatter has nothing to break.
/// </summary>
internal static class NodePinsSource
{
    public static string Write(IReadOnlyList<Board> boards, SensorNode node)
    {
        var source = new StringBuilder(
            """
            // Written by 'dotnet run --project hardware/tool' from hardware/boards/*.json and hardware/sensor-node/wiring.json:
            // change those, never this. A test notices when they differ.
            namespace IoTGateway.Device.Boards
            {
                /// <summary>Where the sensor node's parts are on each board: GPIO numbers, and channels of ADC1.</summary>
                internal sealed class NodePins
                {
                    private NodePins(string board)
                    {
                        Board = board;
                    }

                    /// <summary>The board's name in hardware/boards.</summary>
                    public string Board { get; private set; }

            """
        );
        foreach (var role in node.Needs.Keys)
            source.Append($"\n        public int {PropertyOf(role, node)} {{ get; private set; }}\n");
        WriteFind(source, boards);
        foreach (var board in boards)
            WriteBoard(source, board, node);
        return source.Append("    }\n}\n").ToString();
    }

    private static void WriteFind(StringBuilder source, IReadOnlyList<Board> boards)
    {
        source.Append(
            $$"""

                    /// <summary>The boards that are known.</summary>
                    public const string All = "{{string.Join(", ", boards.Select(board => board.Name))}}";

                    /// <summary>The pins on the board of this name; null where it is none of them.</summary>
                    public static NodePins Find(string board)
                    {

            """
        );
        foreach (var board in boards)
            source.Append(
                $"            if (board == \"{board.Name}\")\n                return {InPascalCase(board.Name)}();\n"
            );
        source.Append("            return null;\n        }\n");
    }

    private static void WriteBoard(StringBuilder source, Board board, SensorNode node)
    {
        source.Append(
            $$"""

                    /// <summary>{{board.Title}}</summary>
                    private static NodePins {{InPascalCase(board.Name)}}()
                    {
                        NodePins pins = new NodePins("{{board.Name}}");

            """
        );
        foreach (var use in node.UsesOn(board))
            source.Append($"            pins.{PropertyOf(use.Role, node)} = {NumberOf(use, board)};\n");
        source.Append("            return pins;\n        }\n");
    }

    private static string PropertyOf(string role, SensorNode node) =>
        InPascalCase(role) + (node.Needs[role] == "adc" ? "Channel" : "");

    /// <summary>The converter is asked for its channel, everything else for the pin.</summary>
    private static int NumberOf(PinUse use, Board board) =>
        use.Needs == "adc" ? PinRules.ChannelOfAdc1(board.Find(use.Gpio)) : use.Gpio;

    private static string InPascalCase(string name) =>
        string.Concat(name.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
}
