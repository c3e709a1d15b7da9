using System.CommandLine;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Latency;

/// <summary><c>latency</c>: how long a message takes to each of those who wait for it, under load.</summary>
internal static class LatencyVerb
{
    public static Command Create()
    {
        var percents = new Option<int[]>("--percents")
        {
            Description = "Load, in percent of what the gateway takes at most",
            DefaultValueFactory = _ => [10, 50, 80],
            AllowMultipleArgumentsPerToken = true,
        };
        var saturation = Report.Number("--saturation", "Messages a second that are 100 %; 0 to measure it first", 0);
        var devices = Report.Number("--devices", "Connections, each a device", 200);
        var seconds = Report.Number("--seconds", "How long each load lasts, after 5 s that count nothing", 20);
        var warmUp = Report.Number(
            "--warm-up",
            "Seconds of the first load before it is measured, which are the compiler's",
            20
        );
        var tls = new Option<bool>("--tls") { Description = "wss instead of ws" };
        var json = Report.JsonOption();
        var verb = new Command(
            "latency",
            "From a sensor to its ACK, the live feed and InfluxDB; from a command to its result"
        )
        {
            percents,
            saturation,
            devices,
            seconds,
            warmUp,
            tls,
            json,
        };
        verb.SetAction(
            (result, _) =>
                RunAsync(
                    new LatencySettings(
                        result.GetRequiredValue(percents),
                        result.GetRequiredValue(saturation),
                        result.GetRequiredValue(devices),
                        result.GetRequiredValue(seconds),
                        result.GetRequiredValue(warmUp),
                        result.GetValue(tls)
                    ),
                    result.GetValue(json)
                )
        );
        return verb;
    }

    private static async Task<int> RunAsync(LatencySettings settings, FileInfo? json)
    {
        var report = Report.Begin(
            "latency",
            settings,
            $"{settings.Devices} devices, {(settings.Tls ? "wss" : "ws")}, {Payload.ReadingsPerMessage} readings a message, {settings.Seconds} s a load; history on, database: sink; the live feed of {LatencyRun.Watched} devices is read, one command at a time"
        );
        await using var database = await LineSink.StartAsync();
        await using var server = await GatewayServer.StartAsync(settings.Tls, database);
        await using var run = new LatencyRun(server, database, settings.Devices);
        await run.ConnectAsync();
        var saturation = settings.Saturation;
        if (saturation == 0)
            saturation = await run.FindSaturationAsync();
        await run.WarmUpAsync(saturation * settings.Percents[0] / 100, TimeSpan.FromSeconds(settings.WarmUp));
        report.Say($"100 % are {saturation:N0} messages/s");
        var table = report.Table("load, way", "messages/s", "measured", "p50 ms", "p99 ms", "p99.9 ms");
        var ways = new List<WayLatency>();
        foreach (var percent in settings.Percents)
        {
            var rate = saturation * percent / 100;
            foreach (var way in await run.MeasureAsync(percent, rate, TimeSpan.FromSeconds(settings.Seconds)))
            {
                ways.Add(way);
                table.Row(
                    $"{percent} %, {way.Way}",
                    $"{way.MessagesPerSecond:N0}",
                    $"{way.Milliseconds.Count:N0}",
                    $"{way.Milliseconds.P50:F1}",
                    $"{way.Milliseconds.P99:F1}",
                    $"{way.Milliseconds.P999:F1}"
                );
            }
        }
        report.Add("saturation", saturation);
        report.Add("ways", ways);
        await report.SaveAsync(json);
        return 0;
    }
}

/// <summary>What <c>latency</c> was asked for.</summary>
internal sealed record LatencySettings(int[] Percents, int Saturation, int Devices, int Seconds, int WarmUp, bool Tls);

/// <summary>One way that a message or command takes, at one load.</summary>
internal sealed record WayLatency(int Percent, string Way, double MessagesPerSecond, Quantiles Milliseconds);
