using System.CommandLine;
using System.Text.Json;

namespace IoTGateway.Bench;

/// <summary><c>wire</c>: bytes per reading on the link, on real data.</summary>
internal static class WireVerb
{
    /// <summary>The most that the protocol may cost, by rows a message.</summary>
    public static readonly IReadOnlyDictionary<int, double> Targets = new Dictionary<int, double>
    {
        [10] = 1.7,
        [60] = 1.2,
    };

    private static readonly int[] RowCounts = [1, 5, 10, 30, 60];

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var data = new Option<FileInfo>("--data")
        {
            Description = "The house's CSV",
            DefaultValueFactory = _ => new FileInfo(HouseData.DefaultPath),
        };
        var json = new Option<FileInfo?>("--json") { Description = "Also write the result to this file" };
        var verb = new Command("wire", "Bytes per reading, WebSocket header and mask included") { data, json };
        verb.SetAction(result => Run(result.GetRequiredValue(data), result.GetValue(json)));
        return verb;
    }

    private static int Run(FileInfo data, FileInfo? json)
    {
        if (!data.Exists)
        {
            Console.Error.WriteLine($"No data at {data.FullName}: give the CSV's path with --data.");
            return 2;
        }
        var house = HouseData.Load(data.FullName);
        var layout = WireSize.Layout(house);
        var costs = RowCounts.Select(rows => WireSize.Measure(house, layout, rows)).ToArray();
        var machine = Machine.Here();
        Console.WriteLine(machine);
        Console.WriteLine(
            $"{house.Times.Length:N0} rows of {layout.Sensors.Count} sensors, {house.Columns.Length} fields"
        );
        Console.WriteLine();
        Console.WriteLine("| rows a message | messages | bytes | bytes per reading | target |");
        Console.WriteLine("|---:|---:|---:|---:|---:|");
        foreach (var cost in costs)
            Console.WriteLine(Line(cost));
        if (json is not null)
            File.WriteAllText(
                json.FullName,
                JsonSerializer.Serialize(
                    new
                    {
                        verb = "wire",
                        machine,
                        costs,
                    },
                    Indented
                )
            );
        return costs.Any(Missed) ? 1 : 0;
    }

    private static string Line(WireCost cost)
    {
        var target = Targets.TryGetValue(cost.RowsPerMessage, out var most) ? $"≤ {most:F1}" : "";
        return $"| {cost.RowsPerMessage} | {cost.Messages:N0} | {cost.Bytes:N0} | {cost.BytesPerReading:F3} | {target} |";
    }

    private static bool Missed(WireCost cost) =>
        Targets.TryGetValue(cost.RowsPerMessage, out var most) && cost.BytesPerReading > most;
}
