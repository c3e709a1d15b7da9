using EndToEnd.Tests;
using IoTGateway.Faults.Devices;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// kill -9 of the gateway at random moments under load: while rows flow, and one time in four while it starts. At the
/// end every row that a device was told is durable is in history, InfluxDB and journal, once.
/// </summary>
internal static class KillRun
{
    /// <summary>Within it a start comes to the recovery of journal and history.</summary>
    private const int LongestStartMs = 700;

    /// <summary>Two gateways side by side, each killed half as often: most of a kill's time is the start after it.</summary>
    public static Task RunTwiceAsync(FaultRun left, FaultRun right, int times, int devices) =>
        Task.WhenAll(RunAsync(left, times - (times / 2), devices), RunAsync(right, times / 2, devices));

    private static async Task RunAsync(FaultRun run, int times, int devices)
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
        await fleet.AddBoardAsync("board", new BoardOptions { SampleIntervalMs = 500, OutboxBytes = 256 * 1024 });
        fleet.Start();
        for (var kill = 1; kill <= times; kill++)
        {
            await UnderLoadAsync(fleet, run);
            await gateway.KillAsync();
            if (run.Random.Next(3) == 0 && kill < times)
            {
                kill++;
                await gateway.BeginAsync();
                await Await.PassAsync(TimeSpan.FromMilliseconds(run.Random.Next(LongestStartMs)));
                await gateway.KillAsync();
            }
            await gateway.ResumeAsync();
            if (kill % 100 == 0 || kill == times)
                run.Say($"killed {kill} times, {fleet.Light.Sum(device => device.RowsAcknowledged)} rows acknowledged");
        }
        await fleet.DrainAsync(TimeSpan.FromSeconds(60));
        await fleet.CompareAsync(async () =>
            run.Ledger.Compare("influxdb", await Stores.InfluxAsync(influx, fleet.Ids))
        );
        run.Conclude();
    }

    /// <summary>Rows flow again, and then a random time.</summary>
    private static async Task UnderLoadAsync(Fleet fleet, FaultRun run)
    {
        var before = fleet.Light.Sum(device => device.RowsAcknowledged);
        await Await.UntilAsync(
            $"rows flow after a start; the last link ended so: {fleet.Light[0].LastEnd}",
            TimeSpan.FromSeconds(30),
            () => fleet.Light.Sum(device => device.RowsAcknowledged) > before
        );
        await Await.PassAsync(TimeSpan.FromMilliseconds(run.Random.Next(150)));
    }
}
