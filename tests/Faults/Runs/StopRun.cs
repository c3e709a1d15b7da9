using System.Diagnostics;
using EndToEnd.Tests;
using IoTGateway.Faults.Devices;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// SIGTERM under load: every device is told when to come back and parted from with 1001, what was taken is on disk, the
/// exit code is 0, and all of it takes less than five seconds.
/// </summary>
internal static class StopRun
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(FaultRun run, int devices)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var fleet = new Fleet(gateway, run);
        for (var i = 0; i < devices; i++)
            await fleet.AddLightAsync($"light-{i}", new LightOptions { Interval = TimeSpan.FromMilliseconds(2) });
        await fleet.AddBoardAsync("board", new BoardOptions());
        fleet.Start();
        await Await.UntilAsync(
            "every device has receipts",
            Patience,
            () =>
                fleet.Light.All(device => device.RowsAcknowledged > 100) && fleet.Boards[0].Status.RowsAcknowledged > 0
        );

        await using var stalls = new Stalls();
        var watch = Stopwatch.StartNew();
        await gateway.StopAsync(); // fails where the exit code is not 0
        var (took, stall) = (watch.Elapsed, stalls.Take());
        run.Say($"SIGTERM with {devices} devices at full speed: exit 0 after {took.TotalSeconds:F2} s");
        Assert.True(took < Longest + stall, $"The stop took {took}; this machine kept timers waiting {stall}.");
        await Await.UntilAsync("every link has ended", Patience, () => fleet.Light.All(device => !device.IsOpen));
        Assert.All(fleet.Light, device => Assert.Equal(1001, device.CloseCode));
        Assert.All(fleet.Light, device => Assert.InRange(device.RetryAfter!.Value.TotalSeconds, 1, 10)); // was told
        var distinct = fleet.Light.Select(device => device.RetryAfter).Distinct().Count();
        Assert.True(distinct > devices / 2, $"{devices} devices were told only {distinct} moments to come back.");

        await gateway.ResumeAsync();
        Assert.DoesNotContain("ended without a stop", gateway.Output, StringComparison.Ordinal);
        await fleet.DrainAsync(Patience);
        await fleet.CompareAsync();
        run.Conclude();
    }
}
