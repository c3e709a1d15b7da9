using System.Text.Json;

namespace IoTGateway.Hardware;

/// <summary><c>sensor-node/wiring.json</c>: the parts, what they are wired to, and on which pin each board has that.</summary>
/// <param name="Pins">By board, then by role.</param>
/// <param name="Needs">By role: output, input, i2c or adc.</param>
/// <param name="SupplyDivider">Between the supply and the converter.</param>
/// <param name="Parts">What is wired.</param>
internal sealed record SensorNode(
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Pins,
    IReadOnlyDictionary<string, string> Needs,
    Divider SupplyDivider,
    IReadOnlyList<Part> Parts
)
{
    public static SensorNode Read(string hardware) =>
        JsonSerializer.Deserialize<SensorNode>(
            File.ReadAllText(Path.Combine(hardware, "sensor-node", "wiring.json")),
            Board.Json
        ) ?? throw new InvalidDataException("sensor-node/wiring.json is empty");

    public IReadOnlyList<PinUse> UsesOn(Board board) =>
        [.. Pins[board.Name].Select(p => new PinUse(p.Key, p.Value, Needs[p.Key]))];
}

internal sealed record Divider(int UpperOhms, int LowerOhms);

internal sealed record Part(string Title, string Note, IReadOnlyList<Terminal> Terminals);

/// <param name="Label">As it is printed on the part.</param>
/// <param name="To">A role, or 3V3, 5V, GND.</param>
internal sealed record Terminal(string Label, string To);
