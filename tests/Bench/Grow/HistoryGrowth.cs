using System.Diagnostics;
using IoTGateway.Bench.History;
using IoTGateway.Bench.Wire;

namespace IoTGateway.Bench.Grow;

/// <summary>
/// The same rows into, and the same charts out of, a history that is ever longer. A month is written as the gateway writes
/// it; the months before are its blocks again, copied within the file to earlier times.
/// </summary>
internal static class HistoryGrowth
{
    /// <summary>Of real data; at a byte and a half a reading, a month of 100 such houses is some 14 MB.</summary>
    private const int MonthRows = 30 * HouseMonths.RowsPerDay;
    private const long MonthMs = 30L * 24 * 3600_000;

    /// <summary>What is written at each size: a day.</summary>
    private const int DayRows = HouseMonths.RowsPerDay;

    public static async Task<List<HistoryCost>> PrintAsync(Report report, HouseData house, GrowSettings settings)
    {
        var layout = WireSize.Layout(house);
        var months = new HouseMonths(house, layout, settings.Houses);
        using var folder = await SinkFolder.CreateAsync(layout, months.Devices);
        using (var first = new HistoryStore(folder))
            await WriteAsync(first, months, folder, 0, MonthRows);
        var table = report.Table(
            "months",
            "MB",
            "CPU s per million readings written",
            "ms a commit",
            "open, ms",
            "a day cold, ms",
            "warm",
            "30 days cold, ms",
            "warm",
            "MB resident"
        );
        var costs = new List<HistoryCost>();
        var held = 1;
        foreach (var size in settings.Months)
        {
            Lengthen(folder, house, held, size);
            held = Math.Max(held, size);
            var cost = await MeasureAsync(months, folder, house, held, MonthRows + (costs.Count * DayRows), settings);
            costs.Add(cost);
            table.Row(
                $"{cost.Months}",
                $"{cost.Megabytes:N0}",
                $"{cost.CpuSecondsPerMillionReadings:F2}",
                $"{cost.CommitMs:F1}",
                $"{cost.OpenMs:F1}",
                $"{cost.DayColdMs:F2}",
                $"{cost.DayWarmMs:F2}",
                $"{cost.MonthColdMs:F2}",
                $"{cost.MonthWarmMs:F2}",
                $"{cost.ResidentMegabytes:F0}"
            );
        }
        return costs;
    }

    private static async Task<HistoryCost> MeasureAsync(
        HouseMonths months,
        SinkFolder folder,
        HouseData house,
        int held,
        int firstRow,
        GrowSettings settings
    )
    {
        GC.Collect();
        PageCache.Forget(folder.Path);
        var opening = Stopwatch.StartNew();
        using var history = new HistoryStore(folder);
        // The first commit reads what the writer has to know.
        await WriteAsync(history, months, folder, firstRow, HouseMonths.RowsPerMessage);
        var open = opening.Elapsed.TotalMilliseconds;
        var cpu = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var rows = DayRows - HouseMonths.RowsPerMessage;
        await WriteAsync(history, months, folder, firstRow + HouseMonths.RowsPerMessage, rows);
        var took = clock.Elapsed.TotalMilliseconds;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        history.Checkpoint();
        PageCache.Forget(folder.Path);
        var end = house.Times[firstRow];
        var day = Chart(history, end - (24 * 3600_000), end, device: 2 * held % settings.Houses);
        var month = Chart(history, end - MonthMs, end, device: ((2 * held) + 1) % settings.Houses);
        return new HistoryCost(
            held,
            await DiskUsage.OfAsync(history.File) / 1e6,
            cpu.TotalSeconds / months.Readings(rows) * 1e6,
            took / (rows / HouseMonths.RowsPerMessage),
            open,
            day.Cold,
            day.Warm,
            month.Cold,
            month.Warm,
            Environment.WorkingSet / 1e6
        );
    }

    private static async Task WriteAsync(
        HistoryStore history,
        HouseMonths months,
        SinkFolder folder,
        int first,
        int rows
    )
    {
        foreach (var batch in months.Batches(first, rows, folder.CatalogHash))
            await history.WriteAsync(batch);
    }

    /// <summary>Copies the first month's blocks to the months before it: a block says its times only by its first row.</summary>
    private static void Lengthen(SinkFolder folder, HouseData house, int from, int to)
    {
        using var history = new HistoryStore(folder);
        for (var month = from; month < to; month++)
            history.Execute(
                "INSERT INTO blocks (series, first, last, rows, layout, data) "
                    + "SELECT series, first - $by, last - $by, rows, layout, data FROM blocks WHERE first >= $from AND last <= $to",
                ("$by", month * MonthMs),
                ("$from", house.Times[0]),
                ("$to", house.Times[MonthRows - 1])
            );
        history.Checkpoint();
    }

    private static (double Cold, double Warm) Chart(HistoryStore history, long from, long to, int device)
    {
        const int Times = 21;
        var query = history.Query;
        var milliseconds = new double[Times + 1];
        for (var i = 0; i <= Times; i++)
        {
            var clock = Stopwatch.StartNew();
            _ = query.Readings(
                HouseMonths.Name(device),
                "room1",
                "temperature",
                from,
                to,
                ChartQuestion.Points,
                CancellationToken.None
            );
            milliseconds[i] = clock.Elapsed.TotalMilliseconds;
        }
        return (milliseconds[0], milliseconds[1..].Order().ElementAt(Times / 2));
    }
}

/// <summary>What a history of some length costs.</summary>
/// <param name="Months">Of 100 houses.</param>
/// <param name="Megabytes">Of the file.</param>
/// <param name="CpuSecondsPerMillionReadings">To write a day more.</param>
/// <param name="CommitMs">An hour of all devices, merges included.</param>
/// <param name="OpenMs">To open it and to commit once, nothing of it in memory.</param>
/// <param name="DayColdMs">A day of one field, nothing of it in memory.</param>
/// <param name="DayWarmMs">The same again, median.</param>
/// <param name="MonthColdMs">30 days of one field at 500 points, of a device nobody has asked for.</param>
/// <param name="MonthWarmMs">The same again, median.</param>
/// <param name="ResidentMegabytes">Of the process that does all this.</param>
internal sealed record HistoryCost(
    int Months,
    double Megabytes,
    double CpuSecondsPerMillionReadings,
    double CommitMs,
    double OpenMs,
    double DayColdMs,
    double DayWarmMs,
    double MonthColdMs,
    double MonthWarmMs,
    double ResidentMegabytes
);
