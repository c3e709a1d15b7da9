using System.CommandLine;
using System.Diagnostics;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench;

/// <summary><c>start</c>: how long the gateway takes until it listens, on an empty data folder and on one that it knows.</summary>
internal static class StartVerb
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        var program = new Option<FileInfo?>("--program")
        {
            Description =
                "A packaged iotgw; without it the one that was built with this bench, which is compiled as it runs",
        };
        var times = Report.Number("--times", "Starts on each folder", 5);
        var json = Report.JsonOption();
        var verb = new Command("start", "From the start of the process to its listening") { program, times, json };
        verb.SetAction(
            (result, _) => RunAsync(result.GetValue(program), result.GetRequiredValue(times), result.GetValue(json))
        );
        return verb;
    }

    private static async Task<int> RunAsync(FileInfo? program, int times, FileInfo? json)
    {
        var report = Report.Begin(
            "start",
            new { program = program?.FullName, times },
            $"{program?.FullName ?? "dotnet iotgw.dll"}, {times} starts each; median"
        );
        var table = report.Table("data folder", "ms to listening", "CPU s");
        var starts = new List<StartCost>();
        foreach (var isKnown in new[] { false, true })
        {
            var cost = await MeasureAsync(program, times, isKnown);
            starts.Add(cost);
            table.Row($"{(isKnown ? "of the last run" : "empty")}", $"{cost.Milliseconds:F0}", $"{cost.CpuSeconds:F2}");
        }
        report.Add("starts", starts);
        await report.SaveAsync(json);
        return 0;
    }

    private static async Task<StartCost> MeasureAsync(FileInfo? program, int times, bool isKnown)
    {
        var all = new List<StartCost>();
        var folder = Directory.CreateTempSubdirectory("iotgw-bench-start-").FullName;
        try
        {
            if (isKnown)
                await StartAsync(program, folder);
            for (var i = 0; i < times; i++)
            {
                var cost = await StartAsync(program, isKnown ? folder : Path.Combine(folder, $"{i}"));
                all.Add(cost with { IsKnownFolder = isKnown });
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return all.OrderBy(cost => cost.Milliseconds).ElementAt(times / 2);
    }

    private static async Task<StartCost> StartAsync(FileInfo? program, string folder)
    {
        var port = Ports.Free();
        string[] settings =
        [
            $"--Data:Path={folder}",
            $"--Listen:Http={port}",
            $"--Listen:Https={Ports.Free()}",
            "--Listen:Address=127.0.0.1",
        ];
        var clock = Stopwatch.StartNew();
        await using var process = await BenchProcess.StartAsync(
            program?.FullName ?? "dotnet",
            program is null
                ? [Path.Combine(AppContext.BaseDirectory, "iotgw.dll"), "serve", .. settings]
                : ["serve", .. settings],
            () => ListensAsync(port)
        );
        return new StartCost(false, clock.Elapsed.TotalMilliseconds, process.CpuSeconds());
    }

    private static async Task<bool> ListensAsync(int port)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Longest)
        {
            if (await Ports.IsOpenAsync(port))
                return true;
            await Task.Delay(Look, TimeProvider.System, CancellationToken.None);
        }
        return false;
    }

    private sealed record StartCost(bool IsKnownFolder, double Milliseconds, double CpuSeconds);
}
