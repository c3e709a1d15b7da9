using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;

namespace IoTGateway.Bench;

/// <summary><c>commands</c>: from the POST of a command to its result, over loopback, each on disk twice on the way.</summary>
internal static class CommandsVerb
{
    private static readonly int[] Callers = [1, 8, 32, 128];

    public static Command Create()
    {
        var devices = Report.Number("--devices", "Devices connected", 50);
        var count = Report.Number("--count", "Commands of each measurement", 3_000);
        var json = Report.JsonOption();
        var verb = new Command("commands", "From POST to the result of a command, median and p99 under load")
        {
            devices,
            count,
            json,
        };
        verb.SetAction(
            (result, ending) =>
                RunAsync(result.GetValue(devices), result.GetValue(count), result.GetValue(json), ending)
        );
        return verb;
    }

    private static async Task<int> RunAsync(int devices, int count, FileInfo? json, CancellationToken ending)
    {
        await using var gateway = await GatewayUnderLoad.StartAsync("--Limits:QueuedCommandsPerDevice=64");
        var connected = new List<ObedientDevice>();
        for (var i = 0; i < devices; i++)
            connected.Add(await ObedientDevice.StartAsync(gateway.Link, await gateway.AddDeviceAsync($"device-{i}")));
        var report = Report.Begin(
            "commands",
            new { devices, count },
            $"{devices} devices on ws, {count:N0} commands a line, Prefer: wait, Limits:QueuedCommandsPerDevice=64; data in {Path.GetTempPath()}"
        );
        var table = report.Table(
            "callers at a time",
            "commands/s",
            "median ms",
            "p99 ms",
            "longest ms",
            "without success"
        );
        await MeasureAsync(gateway, devices, callers: 8, Math.Min(count, 1_000), ending); // the compiler's part
        var latencies = new List<CommandLatency>();
        foreach (var callers in Callers)
        {
            var latency = await MeasureAsync(gateway, devices, callers, count, ending);
            latencies.Add(latency);
            table.Row(
                $"{callers}",
                $"{latency.PerSecond:N0}",
                $"{latency.MedianMs:F1}",
                $"{latency.P99Ms:F1}",
                $"{latency.LongestMs:F1}",
                $"{latency.Failures}"
            );
        }
        foreach (var device in connected)
            await device.DisposeAsync();
        report.Add("latencies", latencies);
        await report.SaveAsync(json);
        return latencies.TrueForAll(latency => latency.Failures == 0) ? 0 : 1;
    }

    private static async Task<CommandLatency> MeasureAsync(
        GatewayUnderLoad gateway,
        int devices,
        int callers,
        int count,
        CancellationToken ending
    )
    {
        var next = -1;
        var failures = 0;
        var milliseconds = new double[count];
        var start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => CallAsync()));
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Array.Sort(milliseconds);
        return new CommandLatency(
            callers,
            count / seconds,
            milliseconds[count / 2],
            milliseconds[(int)(count * 0.99)],
            milliseconds[^1],
            failures
        );

        async Task CallAsync()
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                ending.ThrowIfCancellationRequested();
                var from = TimeProvider.System.GetTimestamp();
                if (!await SucceedsAsync(gateway, $"device-{i % devices}", i))
                    Interlocked.Increment(ref failures);
                milliseconds[i] = TimeProvider.System.GetElapsedTime(from).TotalMilliseconds;
            }
        }
    }

    private static async Task<bool> SucceedsAsync(GatewayUnderLoad gateway, string device, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/devices/{device}/commands");
        request.Content = JsonContent.Create(new { name = "echo", arguments = new { number } });
        request.Headers.Add("Prefer", "wait=20");
        using var response = await gateway.Api.SendAsync(request);
        var report = await response.Content.ReadFromJsonAsync<JsonElement>();
        return report.TryGetProperty("status", out var status)
            && status.ValueEquals("succeeded")
            && report.GetProperty("result").GetProperty("number").GetInt32() == number;
    }

    /// <summary>One line of the table.</summary>
    private sealed record CommandLatency(
        int Callers,
        double PerSecond,
        double MedianMs,
        double P99Ms,
        double LongestMs,
        int Failures
    );
}
