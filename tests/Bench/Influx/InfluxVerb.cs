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
        var rounds = Report.Number("--rounds", "Ceiling and gateway in turn, so many times", 6);
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
            $"{settings.Devices} devices, {Payload.RowsPerMessage} rows of {Payload.FieldsPerRow} fields a message; {settings.Lines:N0} lines a measurement in requests of {LinesPerRequest:N0}, {settings.Rounds} rounds; {(settings.Apart ? "the database on a core of its own" : "the database on the same cores")}"
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

    private static async Task<IEnumerable<DeliveryCost>> MeasureAsync(
        InfluxSettings settings,
        string name,
        LineSource source,
        SinkFolder folder
    )
    {
        Func<Delivery, Task<DeliveryCost>>[] ways =
        [
            .. Connections.Select(count =>
                (Func<Delivery, Task<DeliveryCost>>)(
                    delivery => delivery.CeilingAsync(settings.Lines, gzip: true, count)
                )
            ),
            delivery => delivery.CeilingAsync(settings.Lines, gzip: false, Connections[^1]),
            delivery => delivery.GatewayAsync(settings.Lines),
        ];
        // Until the compiler has done its part, for which it takes its time.
        for (var warm = 0; warm < 3; warm++)
            await OnceAsync(settings, name, source, folder, ways[^1]);
        var costs = ways.Select(_ => new List<DeliveryCost>()).ToArray();
        for (var round = 0; round < settings.Rounds; round++)
        {
            // Each round begins with another way.
            for (var i = 0; i < ways.Length; i++)
            {
                var way = (i + round) % ways.Length;
                costs[way].Add(await OnceAsync(settings, name, source, folder, ways[way]));
            }
        }
        return OfCeiling([.. costs.Select(DeliveryCost.Mean)]);
    }

    /// <summary>With a database of its own: what it still does with the lines of one would count to the next.</summary>
    private static async Task<DeliveryCost> OnceAsync(
        InfluxSettings settings,
        string name,
        LineSource source,
        SinkFolder folder,
        Func<Delivery, Task<DeliveryCost>> way
    )
    {
        if (settings.Apart)
            Cores.UseFirst();
        await using var database = await LineStore.StartAsync(name);
        if (settings.Apart)
            Cores.UseOthers();
        var delivery = new Delivery(database, source, folder);
        // The series are made.
        await delivery.CeilingAsync(settings.Lines / 4, gzip: true, Connections[^1]);
        await delivery.UntilIdleAsync();
        var cost = await way(delivery);
        return cost with { Missing = await delivery.MissingAsync() };
    }

    /// <summary>The ceiling is the way without the gateway that is quickest over all rounds.</summary>
    private static IEnumerable<DeliveryCost> OfCeiling(DeliveryCost[] costs)
    {
        var ceiling = costs.Where(cost => !cost.IsGateway).Max(cost => cost.LinesPerSecond);
        return costs.Select(cost => cost with { OfCeiling = cost.LinesPerSecond / ceiling });
    }
}

/// <summary>What <c>influx</c> was asked for.</summary>
internal sealed record InfluxSettings(string[] Databases, int Devices, int Lines, int Rounds, int Seconds, bool Apart);
