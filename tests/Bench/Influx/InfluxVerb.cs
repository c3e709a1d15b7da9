using System.CommandLine;
using IoTGateway.Bench.Ingest;
using IoTGateway.Sinks.Influx;

namespace IoTGateway.Bench.Influx;

/// <summary><c>influx</c>: rows encoded a second, and how much of what a database takes the gateway brings it.</summary>
internal static class InfluxVerb
{
    private const int LinesPerRequest = InfluxSink.LinesPerRequest;

    /// <summary>Share of the database's own limit that the gateway shall reach.</summary>
    private const double Target = 0.9;

    private static readonly int[] Connections = [1, 2, 4];

    public static Command Create()
    {
        var databases = new Option<string[]>("--databases")
        {
            Description = "influxdb, victoria-metrics, sink (takes all and keeps nothing); one or more",
            DefaultValueFactory = _ => ["influxdb", "victoria-metrics"],
            AllowMultipleArgumentsPerToken = true,
        };
        var devices = Report.Number("--devices", "Devices whose rows they are", 200);
        // For some seconds each: of one second a good part is the first requests and the compiler.
        var lines = Report.Number("--lines", "Lines of each measurement", 2_400_000);
        var rounds = Report.Number("--rounds", "Ceiling and gateway in turn, so many times; the median counts", 3);
        var seconds = Report.Number("--seconds", "CPU time of each measurement of the encoder", 2);
        var apart = new Option<bool>("--apart")
        {
            Description =
                "The database has the first core and the sender the others, as if on two machines; needs taskset",
        };
        var json = Report.JsonOption();
        var verb = new Command("influx", "Rows encoded a second, and the gateway's speed beside the database's own")
        {
            databases,
            devices,
            lines,
            rounds,
            seconds,
            apart,
            json,
        };
        verb.SetAction(
            (result, _) =>
                RunAsync(
                    new InfluxSettings(
                        result.GetRequiredValue(databases),
                        result.GetRequiredValue(devices),
                        result.GetRequiredValue(lines),
                        result.GetRequiredValue(rounds),
                        result.GetRequiredValue(seconds),
                        result.GetValue(apart)
                    ),
                    result.GetValue(json)
                )
        );
        return verb;
    }

    private static async Task<int> RunAsync(InfluxSettings settings, FileInfo? json)
    {
        var report = Report.Begin(
            "influx",
            settings,
            $"{settings.Devices} devices, {Payload.RowsPerMessage} rows of {Payload.FieldsPerRow} fields a message; {settings.Lines:N0} lines a measurement in requests of {LinesPerRequest:N0}, median of {settings.Rounds} rounds; {(settings.Apart ? "the database on a core of its own" : "the database on the same cores")}"
        );
        var source = new LineSource(settings.Devices);
        using var folder = await SinkFolder.CreateAsync(Payload.Catalog, source.Devices);
        report.Add(
            "encoding",
            await EncodingCost.PrintAsync(report, source, folder, TimeSpan.FromSeconds(settings.Seconds))
        );
        var table = report.Table(
            "database",
            "sent by",
            "lines/s",
            "of the ceiling",
            "target",
            "CPU s per million readings: sender",
            "database",
            "lines missing"
        );
        var costs = new List<DeliveryCost>();
        foreach (var name in settings.Databases)
        {
            foreach (var cost in await MeasureAsync(settings, name, source, folder))
            {
                costs.Add(cost);
                table.Row(
                    $"{cost.Database}",
                    $"{cost.Way}",
                    $"{cost.LinesPerSecond:N0}",
                    $"{cost.OfCeiling:F2}",
                    $"{(cost.IsGateway ? FormattableString.Invariant($"≥ {Target}") : "")}",
                    $"{cost.SenderCpu:F2}",
                    $"{cost.DatabaseCpu:F2}",
                    $"{(cost.IsGateway ? FormattableString.Invariant($"{cost.Missing:N0}") : "")}"
                );
            }
        }
        report.Add("costs", costs);
        await report.SaveAsync(json);
        return costs.Exists(cost => cost.Missing > 0) ? 1 : 0;
    }

    private static async Task<List<DeliveryCost>> MeasureAsync(
        InfluxSettings settings,
        string name,
        LineSource source,
        SinkFolder folder
    )
    {
        if (settings.Apart)
            Cores.UseFirst();
        await using var database = await LineStore.StartAsync(name);
        if (settings.Apart)
            Cores.UseOthers();
        var delivery = new Delivery(database, source, folder);
        // The series are made, and the compiler has done its part, for which it takes its time.
        await delivery.CeilingAsync(settings.Lines / 4, gzip: true, Connections[^1]);
        for (var warm = 0; warm < 3; warm++)
            await delivery.GatewayAsync(settings.Lines / 2);
        Func<Task<DeliveryCost>>[] ways =
        [
            .. Connections.Select(count =>
                (Func<Task<DeliveryCost>>)(() => delivery.CeilingAsync(settings.Lines, gzip: true, count))
            ),
            () => delivery.CeilingAsync(settings.Lines, gzip: false, Connections[^1]),
            () => delivery.GatewayAsync(settings.Lines),
        ];
        var rounds = new List<DeliveryCost[]>();
        for (var round = 0; round < settings.Rounds; round++)
        {
            var costs = new DeliveryCost[ways.Length];
            // Each round begins with another way: what a database still does with the lines before, it does to all alike.
            for (var i = 0; i < ways.Length; i++)
            {
                var way = (i + round) % ways.Length;
                await delivery.UntilIdleAsync();
                costs[way] = await ways[way]();
            }
            rounds.Add(costs);
        }
        var missing = await delivery.MissingAsync();
        return [.. Medians(rounds).Select(cost => cost with { Missing = missing })];
    }

    /// <summary>
    /// Each way in the middle of all rounds, beside the ceiling of the same round: that is the way without the gateway
    /// that is quickest in the middle. The best of all in each round would be luck, of which the gateway has less.
    /// </summary>
    private static IEnumerable<DeliveryCost> Medians(List<DeliveryCost[]> rounds)
    {
        var ways = Enumerable.Range(0, rounds[0].Length);
        var ceiling = ways.Where(way => !rounds[0][way].IsGateway)
            .MaxBy(way => rounds.Select(costs => costs[way].LinesPerSecond).Order().ElementAt(rounds.Count / 2));
        return ways.Select(way =>
            rounds
                .Select(costs =>
                    costs[way] with
                    {
                        OfCeiling = costs[way].LinesPerSecond / costs[ceiling].LinesPerSecond,
                    }
                )
                .OrderBy(cost => cost.OfCeiling)
                .ElementAt(rounds.Count / 2)
        );
    }
}

/// <summary>What <c>influx</c> was asked for.</summary>
internal sealed record InfluxSettings(string[] Databases, int Devices, int Lines, int Rounds, int Seconds, bool Apart);
