using EndToEnd.Tests;
using IoTGateway.Faults.Devices;

namespace IoTGateway.Faults.Runs;

/// <summary>A steady rate for long: memory and handles stay where they were after the first tenth, and no sink lags.</summary>
internal static class SoakRun
{
    private const double MostGrowthMiB = 60;
    private const int MostHandles = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(FaultRun run, TimeSpan time, int devices)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var fleet = new Fleet(gateway, run);
        for (var i = 0; i < devices; i++)
            await fleet.AddLightAsync($"light-{i}", new LightOptions { Interval = TimeSpan.FromSeconds(1) });
        await fleet.AddBoardAsync("board", new BoardOptions());
        fleet.Start();
        await NetworkRun.FlowsAsync(fleet);
        await Await.PassAsync(time / 10);
        var warm = gateway.Use();
        var behind = 0.0;
        for (var tenth = 2; tenth <= 10; tenth++)
        {
            await Await.PassAsync(time / 10);
            var now = gateway.Use();
            behind = Math.Max(behind, await gateway.MetricAsync("""iotgw_sink_behind_seconds{sink="history"}"""));
            run.Say(
                $"{tenth}/10: {now.MemoryMiB:F0} MiB, {now.Handles} handles, {fleet.Light.Sum(device => device.RowsAcknowledged)} rows, at most {behind:F1} s behind"
            );
        }
        var after = gateway.Use();
        Assert.True(
            after.MemoryMiB - warm.MemoryMiB < MostGrowthMiB,
            $"Memory went from {warm.MemoryMiB:F0} to {after.MemoryMiB:F0} MiB."
        );
        Assert.True(after.Handles - warm.Handles < MostHandles, $"Handles: {warm.Handles} to {after.Handles}.");
        Assert.InRange(behind, 0, 10);
        Assert.All(fleet.Light, device => Assert.Equal(1, device.LinksOpened));
        await fleet.DrainAsync(Patience);
        await fleet.CompareAsync();
        run.Conclude();
    }
}
