using System.CommandLine;

namespace IoTGateway.Bench.Wire;

/// <summary><c>wire</c>: bytes per reading on the link, on real data.</summary>
internal static class WireVerb
{
    /// <summary>The most that the protocol may cost, by rows a message.</summary>
    public static readonly IReadOnlyDictionary<int, double> Targets = new Dictionary<int, double>
    {
        [10] = 1.7,
        [60] = 1.2,
    };

    private static readonly int[] Peers = [1, 10, 60];
    private static readonly int[] RowCounts = [1, 5, 10, 30, 60];

    public static Command Create()
    {
        var data = HouseData.PathOption();
        var json = Report.JsonOption();
        var verb = new Command("wire", "Bytes per reading, WebSocket header and mask included") { data, json };
        verb.SetAction((result, _) => RunAsync(result.GetRequiredValue(data), result.GetValue(json)));
        return verb;
    }

    private static async Task<int> RunAsync(FileInfo data, FileInfo? json)
    {
        if (HouseData.TryLoad(data) is not { } house)
            return 2;
        var layout = WireSize.Layout(house);
        var costs = RowCounts.Select(rows => WireSize.Measure(house, layout, rows)).ToArray();
        var report = Report.Begin(
            "wire",
            new { data = data.Name, rowCounts = RowCounts },
            $"{house.Times.Length:N0} rows of {layout.Sensors.Count} sensors, {house.Columns.Length} fields"
        );
        Print(report, costs);
        var peers = Peers.SelectMany(rows => WirePeers.Ways.Select(way => WirePeers.Measure(way, house, layout, rows)));
        report.Add("costs", costs);
        report.Add("peers", Print(report, [.. peers]));
        await report.SaveAsync(json);
        return costs.Any(Missed) ? 1 : 0;
    }

    private static void Print(Report report, WireCost[] costs)
    {
        var table = report.Table("rows a message", "messages", "bytes", "bytes per reading", "target");
        foreach (var cost in costs)
            table.Row(
                $"{cost.RowsPerMessage}",
                $"{cost.Messages:N0}",
                $"{cost.Bytes:N0}",
                $"{cost.BytesPerReading:F3}",
                $"{Target(cost)}"
            );
    }

    private static PeerCost[] Print(Report report, PeerCost[] costs)
    {
        report.Say(
            $"Beside other ways, without TLS and TCP, whose share is the same for all; \"with receipts\" counts both directions:"
        );
        var table = report.Table("way", "rows a message", "bytes per reading", "with receipts", "times iotgw.v1");
        foreach (var cost in costs)
        {
            var ours = costs.First(other => other.RowsPerMessage == cost.RowsPerMessage).WithReceipts;
            table.Row(
                $"{cost.Way}",
                $"{cost.RowsPerMessage}",
                $"{cost.BytesPerReading?.ToString("F2", null) ?? "too large"}",
                $"{cost.WithReceipts:F2}",
                $"{cost.WithReceipts / ours:F1}"
            );
        }
        return costs;
    }

    private static string Target(WireCost cost) =>
        Targets.TryGetValue(cost.RowsPerMessage, out var most) ? FormattableString.Invariant($"≤ {most:F1}") : "";

    private static bool Missed(WireCost cost) =>
        Targets.TryGetValue(cost.RowsPerMessage, out var most) && cost.BytesPerReading > most;
}
