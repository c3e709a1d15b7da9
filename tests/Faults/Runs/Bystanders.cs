using EndToEnd.Tests;
using IoTGateway.Faults.Devices;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// Good devices that stream while others mean harm. None of them may lose its link or a row, and none may wait noticeably
/// longer for a receipt than in the calm just before, on the same machine with whatever else it does.
/// </summary>
internal sealed class Bystanders(FaultRun run, GatewayProcess gateway, Fleet fleet, TimeSpan calm)
{
    private const int Devices = 4;
    private const int MostHandles = 20;

    /// <summary>Code that ran for the first time, pools, the heap's own reserve: it comes once, however often the harm is done.</summary>
    private const double MostGrowthMiB = 48;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Runs the harm, then compares what the devices were told with what is stored.</summary>
    public static async Task RunAsync(FaultRun run, GatewayProcess gateway, TimeSpan calm, Func<Bystanders, Task> harm)
    {
        await using var fleet = new Fleet(gateway, run);
        for (var i = 0; i < Devices; i++)
            await fleet.AddLightAsync($"good-{i}", new LightOptions());
        fleet.Start();
        await NetworkRun.FlowsAsync(fleet);
        await harm(new Bystanders(run, gateway, fleet, calm));
        Assert.All(fleet.Light, device => Assert.Equal(1, device.LinksOpened));
        await fleet.DrainAsync(Patience);
        await fleet.CompareAsync();
        run.Conclude();
    }

    /// <summary>Their waits for receipts since the last call.</summary>
    public Waits Taken() => Waits.Of(TakeAll());

    /// <summary>As <see cref="Taken"/>, one by one.</summary>
    public List<TimeSpan> TakeAll() => fleet.TakeLatencies();

    /// <summary>Their waits while nobody means harm.</summary>
    public async Task<Waits> CalmAsync()
    {
        _ = TakeAll();
        await Await.PassAsync(calm);
        return Taken();
    }

    /// <summary>Does harm, waits until its links have gone, and looks at what it cost and at what is left of it.</summary>
    public async Task DuringAsync(string what, Func<Task> harm)
    {
        var before = await gateway.SettledAsync();
        var still = await CalmAsync();
        await harm();
        var during = Taken();
        await AloneAsync(what);
        var after = await gateway.SettledAsync();
        run.Say(
            $"{what}: others' receipts {still} in calm, {during} meanwhile; memory {before.MemoryMiB:F0} to {after.MemoryMiB:F0} MiB, handles {before.Handles} to {after.Handles}"
        );
        MustBeLike(still, during, what);
        MustBeOver(before, after, what);
    }

    /// <summary>Waits until no link is left but their own.</summary>
    public Task AloneAsync(string what) =>
        Await.UntilAsync(
            $"the links of '{what}' are gone",
            Patience,
            async () => await gateway.MetricAsync("iotgw_links") == Devices
        );

    public int Links => Devices;

    public static void MustBeLike(Waits calm, Waits during, string what) =>
        Assert.True(during.IsLike(calm), $"During '{what}' the others' receipts went from {calm} to {during}.");

    public static void MustBeOver(ProcessUse before, ProcessUse after, string what)
    {
        Assert.True(
            after.Handles <= before.Handles + MostHandles,
            $"'{what}' left {after.Handles - before.Handles} handles."
        );
        Assert.True(
            after.MemoryMiB < before.MemoryMiB + MostGrowthMiB,
            $"'{what}' left {after.MemoryMiB - before.MemoryMiB:F0} MiB, which no collection of garbage gives back."
        );
    }
}
