using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Grow;

/// <summary>The same messages a second, from ever more devices.</summary>
internal static class DeviceGrowth
{
    /// <summary>Measures, and prints the table.</summary>
    public static async Task<List<DeviceCost>> PrintAsync(Report report, GrowSettings settings)
    {
        var table = report.Table(
            "devices",
            "messages/s",
            "CPU s per million readings",
            "MB resident",
            "KB a device more",
            "list of all devices, ms"
        );
        var costs = new List<DeviceCost>();
        foreach (var devices in settings.Devices)
        {
            var cost = await MeasureAsync(devices, settings);
            var more =
                costs.Count == 0 ? 0 : (cost.Megabytes - costs[^1].Megabytes) * 1e3 / (devices - costs[^1].Devices);
            costs.Add(cost);
            table.Row(
                $"{cost.Devices:N0}",
                $"{cost.MessagesPerSecond:N0}",
                $"{cost.CpuSecondsPerMillionReadings:F2}",
                $"{cost.Megabytes:F0}",
                $"{(costs.Count == 1 ? "" : FormattableString.Invariant($"{more:F1}"))}",
                $"{cost.ListMs:F1}"
            );
        }
        return costs;
    }

    private static async Task<DeviceCost> MeasureAsync(int devices, GrowSettings settings)
    {
        await using var gateway = await GatewayServer.StartAsync(tls: false, database: null);
        var run = new LoadRun(
            gateway,
            null,
            new LoadPlan(devices, settings.Rate, settings.Seconds, WarmUp: settings.Seconds / 2)
        );
        var cost = await run.RunAsync();
        return new DeviceCost(
            devices,
            cost.MessagesPerSecond,
            cost.CpuSecondsPerMillionReadings,
            cost.ResidentMegabytes,
            await ListAsync(gateway)
        );
    }

    /// <summary>Median of some, after the first.</summary>
    private static async Task<double> ListAsync(GatewayServer gateway)
    {
        const int Times = 7;
        await gateway.Api.GetByteArrayAsync("/api/devices");
        var milliseconds = new double[Times];
        for (var i = 0; i < Times; i++)
        {
            var from = TimeProvider.System.GetTimestamp();
            await gateway.Api.GetByteArrayAsync("/api/devices");
            milliseconds[i] = TimeProvider.System.GetElapsedTime(from).TotalMilliseconds;
        }
        return milliseconds.Order().ElementAt(Times / 2);
    }
}

/// <summary>What a number of devices cost that send so many messages together.</summary>
/// <param name="Devices">All connected.</param>
/// <param name="MessagesPerSecond">Over all of them.</param>
/// <param name="CpuSecondsPerMillionReadings">Of the gateway.</param>
/// <param name="Megabytes">Resident, at the end.</param>
/// <param name="ListMs">For <c>GET /api/devices</c>.</param>
internal sealed record DeviceCost(
    int Devices,
    double MessagesPerSecond,
    double CpuSecondsPerMillionReadings,
    double Megabytes,
    double ListMs
);
