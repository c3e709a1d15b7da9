using Firmware.Tests.Mutations;
using IoTGateway.Tests;

namespace Firmware.Tests.Walks;

/// <summary>
/// The walks "a sensor" and "a command" of CONTRIBUTING.md, done: the firmware's source with the files and the lines that are
/// shown there, on the board that they are shown for, against a gateway.
/// </summary>
public sealed class WalkOnGatewayTests
{
    private const string Application = "Boards/Application.cs";
    private const string Gpio = "using System.Device.Gpio;";

    [Fact]
    public async Task A_board_that_took_both_walks_streams_to_the_gateway_and_obeys()
    {
        var firmware = MutatedFirmware.With(
            [Shown("Sensors/FloatSwitch.cs"), Shown("Commands/PumpCommand.cs")],
            LineOfTheWalk("Boards/Esp32DevKit.cs", "new FloatSwitch("),
            LineOfTheWalk(Application, "new PumpCommand("),
            (Application, "using System;", $"using System;\n{Gpio}"),
            // The board itself, on a virtual one's pins.
            (
                "Boot.cs",
                "var board = new VirtualBoard(options, room, clock, resetReason, options.Seed + 2);",
                "IBoard board = new Esp32DevKit(NodePins.Find(\"esp32-devkitc\"));"
            )
        );
        Assert.Contains($"`{Gpio}`", Walk, StringComparison.Ordinal);
        Assert.Null(
            await firmware.FailureOfAsync(typeof(WalkedBoard), nameof(WalkedBoard.StreamsAndObeysAsync), patience: 20)
        );
    }

    private static string Walk { get; } = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "CONTRIBUTING.md"));

    /// <summary>A file of the walk, and where the walk puts it; that both are the same is tested beside this.</summary>
    private static (string, string) Shown(string path) =>
        (
            path,
            File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests/Firmware.Tests/Walks", Path.GetFileName(path)))
        );

    /// <summary>A line that the walk adds, after the line that it shows before it.</summary>
    private static (string, string, string) LineOfTheWalk(string file, string start)
    {
        var lines = Walk.Split('\n').Select(line => line.Trim()).ToArray();
        var line = Assert.Single(lines, line => line.StartsWith(start, StringComparison.Ordinal));
        var before = lines[Array.IndexOf(lines, line) - 1];
        return (file, before, $"{before}\n{line}");
    }
}
