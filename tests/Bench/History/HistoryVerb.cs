using System.CommandLine;
using System.Diagnostics;
using IoTGateway.Bench.Influx;
using IoTGateway.Bench.Ingest;
using IoTGateway.Bench.Wire;
using IoTGateway.Devices;

namespace IoTGateway.Bench.History;

/// <summary><c>history</c>: what rows cost on disk, and how long a chart takes; beside InfluxDB with the same rows.</summary>
internal static class HistoryVerb
{
    public static Command Create()
    {
        var data = HouseData.PathOption();
        var devices = Report.Number("--devices", "Devices, each with the rows of the whole house", 100);
        var days = Report.Number("--days", "How many days of them", 30);
        var alone = new Option<bool>("--alone") { Description = "Without InfluxDB" };
        var json = Report.JsonOption();
        var verb = new Command("history", "Bytes a reading on disk, and milliseconds for a chart, beside InfluxDB")
        {
            data,
            devices,
            days,
            alone,
            json,
        };
        verb.SetAction(
            (result, _) =>
                RunAsync(
                    result.GetRequiredValue(data),
                    result.GetRequiredValue(devices),
                    result.GetRequiredValue(days),
                    result.GetValue(alone),
                    result.GetValue(json)
                )
        );
        return verb;
    }

    private static async Task<int> RunAsync(FileInfo data, int devices, int days, bool alone, FileInfo? json)
    {
        if (HouseData.TryLoad(data) is not { } house)
            return 2;
        var layout = WireSize.Layout(house);
        var months = new HouseMonths(house, layout, devices);
        var rows = days * HouseMonths.RowsPerDay;
        var report = Report.Begin(
            "history",
            new
            {
                devices,
                days,
                alone,
            },
            $"{devices} devices, {days} days of {layout.Sensors.Count} sensors with {house.Columns.Length} fields, a row every 10 minutes, an hour a message: {months.Readings(rows):N0} readings"
        );
        using var folder = await SinkFolder.CreateAsync(layout, months.Devices);
        await using var influx = alone ? null : await InfluxStore.StartAsync(settlesSoon: true);
        List<StoredCost> stored = [await FillGatewayAsync(folder, months, rows)];
        if (influx is not null)
            stored.Add(await InfluxFill.RunAsync(influx, folder, months, rows));
        Print(report, stored);
        var end = house.Times[rows - 1];
        ChartQuestion[] questions =
        [
            new("a day", end - (24 * 3600_000) + 1, end, HouseMonths.RowsPerDay),
            new("all days", house.Times[0], end, rows),
        ];
        var times = await AskAsync(questions, folder, influx);
        Print(report, times);
        report.Add("stored", stored);
        report.Add("charts", times);
        await report.SaveAsync(json);
        return Agree(times) ? 0 : 1;
    }

    private static async Task<StoredCost> FillGatewayAsync(SinkFolder folder, HouseMonths months, int rows)
    {
        var registry = new DeviceRegistry(folder.Control, TimeProvider.System);
        foreach (var device in months.Devices.Take(3))
            await registry.AddAsync(device, null, CancellationToken.None);
        using var history = new HistoryStore(folder);
        var cpu = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        foreach (var batch in months.Batches(0, rows, folder.CatalogHash))
            await history.WriteAsync(batch);
        var took = clock.Elapsed.TotalSeconds;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        history.Checkpoint();
        var bytes = await DiskUsage.OfAsync(history.File);
        return new StoredCost("the gateway's history", months.Readings(rows), bytes, took, cpu.TotalSeconds);
    }

    private static async Task<List<ChartTimes>> AskAsync(
        ChartQuestion[] questions,
        SinkFolder folder,
        InfluxStore? influx
    )
    {
        var times = new List<ChartTimes>();
        foreach (var question in questions)
        {
            PageCache.Forget(folder.Path);
            await using var gateway = await GatewayUnderLoad.StartOnAsync(folder.Path, HistoryStore.KeepForever);
            times.Add(
                await ChartTimes.MeasureAsync(
                    "the gateway",
                    question,
                    device => gateway.Api.GetStringAsync(question.GatewayPath(device)),
                    ChartQuestion.OfGateway
                )
            );
            if (influx is null)
                continue;
            await influx.RestartAsync(() => PageCache.Forget(influx.Folder));
            using var http = new HttpClient();
            times.Add(
                await ChartTimes.MeasureAsync(
                    influx.Name,
                    question,
                    device =>
                        http.GetStringAsync(
                            $"{influx.QueryUrl}&q={Uri.EscapeDataString(question.InfluxQuery(device))}"
                        ),
                    ChartQuestion.OfInflux
                )
            );
        }
        return times;
    }

    private static void Print(Report report, List<StoredCost> costs)
    {
        var table = report.Table("store", "MB on disk", "bytes a reading", "s to fill", "CPU s per million readings");
        foreach (var cost in costs)
            table.Row(
                $"{cost.Store}",
                $"{cost.Bytes / 1e6:F1}",
                $"{(double)cost.Bytes / cost.Readings:F2}",
                $"{cost.Seconds:F1}",
                $"{cost.CpuSeconds / cost.Readings * 1e6:F2}"
            );
    }

    private static void Print(Report report, List<ChartTimes> times)
    {
        report.Say(
            $"One field at {ChartQuestion.Points} points over HTTP. First: after a start, no file in memory. Cold: the next, of a device nobody has asked for. Warm: the same again, median."
        );
        var table = report.Table("server", "chart", "first ms", "cold ms", "warm ms", "values");
        foreach (var time in times)
            table.Row(
                $"{time.Server}",
                $"{time.Question}",
                $"{time.FirstMs:F1}",
                $"{time.ColdMs:F1}",
                $"{time.WarmMs:F2}",
                $"{time.Values}"
            );
    }

    /// <summary>Both show the same highest and lowest value, or one of them shows something else than was sent.</summary>
    private static bool Agree(List<ChartTimes> times)
    {
        var differing = times
            .GroupBy(time => time.Question)
            .Where(same => same.DistinctBy(Range).Count() > 1)
            .ToArray();
        foreach (var question in differing)
            Console.Error.WriteLine($"The charts of {question.Key} differ: {string.Join("; ", question)}");
        return differing.Length == 0;
    }

    private static (double, double) Range(ChartTimes time) => (time.Lowest, time.Highest);
}

/// <summary>What a store needs for the same rows.</summary>
/// <param name="Store">Its name.</param>
/// <param name="Readings">How many values.</param>
/// <param name="Bytes">On disk, all in all.</param>
/// <param name="Seconds">To fill it.</param>
/// <param name="CpuSeconds">Of whoever filled it, and of the database.</param>
internal sealed record StoredCost(string Store, long Readings, long Bytes, double Seconds, double CpuSeconds);
