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
        [.. Needs.Select(n => new PinUse(n.Key, Pins[board.Name][n.Key], n.Value))];

    /// <summary>Every reason why it cannot be wired so to that board, in words; empty when it can.</summary>
    public IReadOnlyList<string> ProblemsOn(Board board)
    {
        var pins = Pins.GetValueOrDefault(board.Name);
        var missing = Needs.Keys.Where(role => pins is null || !pins.ContainsKey(role)).ToList();
        return missing.Count > 0
            ? [.. missing.Select(role => $"sensor-node/wiring.json has no pin for {role}")]
            : PinRules.Problems(board, UsesOn(board));
    }
}

internal sealed record Divider(int UpperOhms, int LowerOhms);

internal sealed record Part(string Title, string Note, IReadOnlyList<Terminal> Terminals);

/// <param name="Label">As it is printed on the part.</param>
/// <param name="To">A role, or 3V3, 5V, GND.</param>
internal sealed record Terminal(string Label, string To);
