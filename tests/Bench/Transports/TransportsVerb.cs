using System.CommandLine;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Transports;

/// <summary><c>transports</c>: what a row and a command cost by polling, by long polling and on a WebSocket.</summary>
internal static class TransportsVerb
{
    public static Command Create()
    {
        var devices = Report.Number("--devices", "Devices, each with its own connections", 100);
        var seconds = Report.Number("--seconds", "How long each run is measured, at least", 4);
        var transports = new Option<string[]>("--transports")
        {
            Description = "One or more of " + string.Join(", ", Transport.All.Select(transport => transport.Word)),
            DefaultValueFactory = _ => [.. Transport.All.Select(transport => transport.Word)],
            AllowMultipleArgumentsPerToken = true,
        };
        transports.AcceptOnlyFromAmong([.. Transport.All.Select(transport => transport.Word)]);
        var json = Report.JsonOption();
        var chart = new Option<FileInfo?>("--chart") { Description = "Also draw it as SVG" };
        var verb = new Command("transports", "Bytes, requests, CPU and latency by polling, long polling and WebSocket")
        {
            devices,
            seconds,
            transports,
            json,
            chart,
        };
        verb.SetAction(
            (result, ending) =>
                RunAsync(
                    new TransportsSettings(
                        result.GetRequiredValue(devices),
                        result.GetRequiredValue(seconds),
                        result.GetRequiredValue(transports)
                    ),
                    result.GetValue(json),
                    result.GetValue(chart),
                    ending
                )
        );
        return verb;
    }

    private static async Task<int> RunAsync(
        TransportsSettings settings,
        FileInfo? json,
        FileInfo? chart,
        CancellationToken ending
    )
    {
        await using var gateway = await GatewayServer.StartAsync(true, null, "--Limits:QueuedCommandsPerDevice=100");
        var bench = new TransportBench(gateway, settings);
        await bench.PrepareAsync();
        var report = Report.Begin("transports", settings, bench.Heading);
        var table = report.Table(
            "transport",
            "updates",
            "bytes an update",
            "requests an update",
            "CPU ms an update",
            "command p50 ms",
            "p99 ms"
        );
        var costs = new List<TransportCost>();
        foreach (var transport in Transport.All.Where(one => settings.Transports.Contains(one.Word)))
        {
            foreach (var direction in new[] { TransportCost.Up, TransportCost.Down })
            {
                ending.ThrowIfCancellationRequested();
                var measured = await bench.MeasureAsync(transport, direction);
                costs.AddRange(measured);
                foreach (var cost in measured)
                    Add(table, cost);
            }
        }
        report.Add("costs", costs);
        await report.SaveAsync(json);
        if (chart is not null)
            await File.WriteAllTextAsync(chart.FullName, new TransportChart(costs).Draw(), ending);
        return 0;
    }

    private static void Add(Table table, TransportCost cost)
    {
        var rate = cost.PerMinute switch
        {
            1 => "1 a minute",
            60 => "1 a second",
            _ => $"{cost.PerMinute / 60} a second",
        };
        table.Row(
            $"{cost.Transport}",
            $"{cost.Direction}, {rate}{(cost.IsComputed ? " *" : "")}",
            $"{cost.Bytes:N0}",
            $"{cost.Requests:F2}",
            $"{cost.CpuMilliseconds:F2}",
            $"{cost.MedianMs:N0}",
            $"{cost.P99Ms:N0}"
        );
    }
}

/// <summary>What <c>transports</c> was asked for.</summary>
internal sealed record TransportsSettings(int Devices, int Seconds, string[] Transports);
