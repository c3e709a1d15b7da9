using System.CommandLine;

namespace IoTGateway.Bench.Ingest;

/// <summary><c>ingest</c>: what it costs a server to take devices' messages and bring them to a database.</summary>
internal static class IngestVerb
{
    public static Command Create()
    {
        var servers = new Option<string[]>("--servers")
        {
            Description =
                $"iotgw, {string.Join(", ", Peer.Names)}, {EpollServer.ServerName} (reads and answers, and stores nothing); one or more",
            DefaultValueFactory = _ => ["iotgw", .. Peer.Names, EpollServer.ServerName],
            AllowMultipleArgumentsPerToken = true,
        };
        var rates = new Option<int[]>("--rates")
        {
            Description = "Messages a second over all devices; 0 for as many as the server takes",
            DefaultValueFactory = _ => [2000, 10_000, 0],
            AllowMultipleArgumentsPerToken = true,
        };
        var devices = Report.Number("--devices", "Connections, each a device", 200);
        var seconds = Report.Number("--seconds", "How long each load lasts", 10);
        var warmUp = Report.Number("--warm-up", "Seconds of 10,000 messages a second before, which count nothing", 8);
        var tls = new Option<bool>("--tls") { Description = "wss instead of ws" };
        var database = new Option<string>("--database")
        {
            Description = "none (iotgw alone: journal and history), sink, victoria-metrics, influxdb",
            DefaultValueFactory = _ => "sink",
        };
        var gateway = new Option<string[]>("--gateway")
        {
            Description = "Settings of the gateway that a run is about, as Journal:Gather=00:00:00.008",
            AllowMultipleArgumentsPerToken = true,
        };
        var json = Report.JsonOption();
        var verb = new Command("ingest", "CPU seconds a million readings, beside what could be used instead")
        {
            servers,
            rates,
            devices,
            seconds,
            warmUp,
            tls,
            database,
            gateway,
            json,
        };
        verb.SetAction(
            (result, _) =>
                RunAsync(
                    new IngestSettings(
                        result.GetRequiredValue(servers),
                        result.GetRequiredValue(rates),
                        result.GetRequiredValue(devices),
                        result.GetRequiredValue(seconds),
                        result.GetRequiredValue(warmUp),
                        result.GetValue(tls),
                        result.GetRequiredValue(database),
                        result.GetValue(gateway) ?? []
                    ),
                    result.GetValue(json)
                )
        );
        return verb;
    }

    private static async Task<int> RunAsync(IngestSettings settings, FileInfo? json)
    {
        var report = Report.Begin(
            "ingest",
            settings,
            $"{settings.Devices} devices, {(settings.Tls ? "wss" : "ws")}, {Payload.ReadingsPerMessage} readings a message ({Payload.RowsPerMessage} rows of {Payload.FieldsPerRow}), {settings.Seconds} s after {settings.WarmUp} s of warm-up, database: {settings.Database}"
        );
        var table = report.Table("server", "messages/s asked", "sent", "CPU s per million readings", "MB", "rows lost");
        var costs = new List<LoadCost>();
        foreach (var rate in settings.Rates)
        {
            foreach (var server in settings.Servers)
            {
                if (await TryMeasureAsync(settings, server, rate) is not { } cost)
                    continue;
                costs.Add(cost);
                table.Row(
                    $"{cost.Server}",
                    $"{(cost.Rate == 0 ? "all" : FormattableString.Invariant($"{cost.Rate:N0}"))}",
                    $"{cost.MessagesPerSecond:N0}",
                    $"{cost.CpuSecondsPerMillionReadings:F2}",
                    $"{cost.ResidentMegabytes:F0}",
                    $"{cost.LostRows:N0}"
                );
            }
        }
        report.Add("costs", costs);
        await report.SaveAsync(json);
        return 0;
    }

    /// <summary>A server that does not stand a load is named, and the others are measured all the same.</summary>
    private static async Task<LoadCost?> TryMeasureAsync(IngestSettings settings, string server, int rate)
    {
        try
        {
            return await MeasureAsync(settings, server, rate);
        }
        catch (InvalidOperationException e)
        {
            await Console.Error.WriteLineAsync($"{server}: {e.Message}");
            return null;
        }
    }

    private static async Task<LoadCost> MeasureAsync(IngestSettings settings, string name, int rate)
    {
        await using var database =
            settings.Database == "none" || name == EpollServer.ServerName
                ? null
                : await LineStore.StartAsync(settings.Database);
        await using IngestServer server =
            name == EpollServer.ServerName ? await EpollServer.StartAsync(settings.Tls)
            : name == "iotgw"
                ? await GatewayServer.StartAsync(
                    settings.Tls,
                    database,
                    [.. settings.Gateway.Select(one => $"--{one}")]
                )
            : database is not null ? await Peer.StartAsync(name, settings.Tls, database)
            : throw new InvalidOperationException($"{name} has no disk: give it a --database.");
        var plan = new LoadPlan(settings.Devices, rate, settings.Seconds, settings.WarmUp);
        return await new LoadRun(server, database, plan).RunAsync();
    }
}

/// <summary>What <c>ingest</c> was asked for.</summary>
internal sealed record IngestSettings(
    string[] Servers,
    int[] Rates,
    int Devices,
    int Seconds,
    int WarmUp,
    bool Tls,
    string Database,
    string[] Gateway
);
