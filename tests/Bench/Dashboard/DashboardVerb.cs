using System.CommandLine;
using System.Globalization;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Dashboard;

/// <summary><c>dashboard</c>: what open pages of all devices cost while a large fleet streams.</summary>
internal static class DashboardVerb
{
    private const int RowsInSight = 40;

    /// <summary>From here on the page's past is read, and the compiler is through.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var devices = Number("--devices", "Devices connected and streaming", 5_000);
        var rate = Number("--rate", "Messages a second over all devices, 16 readings each", 500);
        var seconds = Number("--seconds", "How long each number of pages is measured", 15);
        var pages = new Option<int[]>("--pages")
        {
            Description = "Pages that are open at a time",
            DefaultValueFactory = _ => [0, 1, 10],
            AllowMultipleArgumentsPerToken = true,
        };
        var verb = new Command("dashboard", "CPU and bytes of open pages of all devices, while these stream")
        {
            devices,
            rate,
            seconds,
            pages,
        };
        verb.SetAction(
            (result, _) =>
                RunAsync(
                    result.GetValue(devices),
                    result.GetValue(rate),
                    TimeSpan.FromSeconds(result.GetValue(seconds)),
                    result.GetRequiredValue(pages)
                )
        );
        return verb;
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static async Task<int> RunAsync(int devices, int rate, TimeSpan time, int[] pages)
    {
        Console.WriteLine(Machine.Here());
        Console.WriteLine(
            $"{devices:N0} devices on ws, {rate:N0} messages a second, {Payload.ReadingsPerMessage} readings a message, {RowsInSight} rows in sight"
        );
        await using var gateway = await GatewayServer.StartAsync(tls: false, database: null);
        await using var fleet = await StreamingFleet.ConnectAsync(gateway, devices, rate);
        Console.WriteLine();
        Console.WriteLine("| pages open | CPU of the gateway, % of a core | frames/s a page | kB/s a page | MB |");
        Console.WriteLine("|---:|---:|---:|---:|---:|");
        OpenPage? first = null;
        var open = new List<OpenPage>();
        foreach (var count in pages)
        {
            while (open.Count < count)
                open.Add(await OpenPage.OpenAsync(gateway.Api.BaseAddress!, GatewayServer.AdminKey, RowsInSight)); // made with one
            first ??= open.FirstOrDefault();
            await Task.Delay(Settling, TimeProvider.System, CancellationToken.None);
            Console.WriteLine(await MeasureAsync(gateway, open, time));
        }
        foreach (var page in open)
            await page.DisposeAsync();
        if (first is not null)
            Console.WriteLine(
                $"\nThe first page came in {first.LoadTime.TotalMilliseconds:N0} ms, {first.PageBytes / 1e3:N0} kB."
            );
        return 0;
    }

    private static async Task<string> MeasureAsync(GatewayServer gateway, List<OpenPage> open, TimeSpan time)
    {
        var (cpu, start) = (gateway.CpuSeconds(), TimeProvider.System.GetTimestamp());
        var (frames, bytes) = (open.Sum(page => page.Frames), open.Sum(page => page.Bytes));
        await Task.Delay(time, TimeProvider.System, CancellationToken.None);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var each = Math.Max(1, open.Count) * seconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {open.Count} | {(gateway.CpuSeconds() - cpu) / seconds * 100:F0} | {(open.Sum(page => page.Frames) - frames) / each:F1} "
                + $"| {(open.Sum(page => page.Bytes) - bytes) / each / 1e3:F1} | {gateway.ResidentBytes() / 1e6:F0} |"
        );
    }
}
