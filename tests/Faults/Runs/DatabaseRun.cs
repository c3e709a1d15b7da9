using EndToEnd.Tests;
using IoTGateway.Faults.Devices;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// InfluxDB is killed again and again while rows flow into it, and is away for a while. Devices get their receipts and
/// history its rows all the time; and once the database stays, it has every row as well.
/// </summary>
internal static class DatabaseRun
{
    private const string InInflux = """iotgw_sink_rows{sink="influx"}""";
    private const string InHistory = """iotgw_sink_rows{sink="history"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(FaultRun run, int kills, int devices, TimeSpan outage)
    {
        await using var influx = await InfluxDbServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Influx:Url={influx.Url}",
            "--Influx:Version=1",
            $"--Influx:Database={InfluxDbServer.Database}"
        );
        await using var fleet = new Fleet(gateway, run);
        for (var i = 0; i < devices; i++)
            await fleet.AddLightAsync($"light-{i}", new LightOptions { Interval = TimeSpan.FromMilliseconds(5) });
        await fleet.AddBoardAsync("board", new BoardOptions());
        fleet.Start();
        for (var kill = 0; kill < kills; kill++)
        {
            await GrowsAsync(gateway, InInflux);
            await Await.PassAsync(TimeSpan.FromMilliseconds(run.Random.Next(150)));
            await influx.StopAsync();
            await influx.ResumeAsync();
        }
        run.Say($"InfluxDB was killed {kills} times");
        await GrowsAsync(gateway, InInflux);
        await influx.StopAsync();
        await Await.PassAsync(outage);
        await NetworkRun.FlowsAsync(fleet);
        await GrowsAsync(gateway, InHistory);
        Assert.All(fleet.Light, device => Assert.Equal(1, device.LinksOpened));
        var behind = await gateway.MetricAsync("""iotgw_sink_lag_bytes{sink="influx"}""");
        run.Say(
            $"InfluxDB was away for {outage.TotalSeconds:F0} s: {behind / 1024:F0} KiB wait for it, and for nobody else"
        );
        Assert.True(behind > 0, "Nothing waited for the database, so nothing was tested.");
        await influx.ResumeAsync();
        await fleet.DrainAsync(Patience);
        await fleet.CompareAsync(async () =>
            run.Ledger.Compare("influxdb", await Stores.InfluxAsync(influx, fleet.Ids))
        );
        run.Conclude();
    }

    private static async Task GrowsAsync(GatewayProcess gateway, string series)
    {
        var before = await gateway.MetricAsync(series);
        await Await.UntilAsync($"{series} grows", Patience, async () => await gateway.MetricAsync(series) > before);
    }
}
