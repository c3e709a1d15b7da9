using System.Diagnostics;
using EndToEnd.Tests;
using IoTGateway.Faults.Devices;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// A whole fleet is registered in one moment, while another process keeps the registry's file to itself for some seconds
/// and other devices stream. The file lets in one writer at a time: whoever waits for it holds up nobody else.
/// </summary>
internal static class AddsRun
{
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(FaultRun run, int adds)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var fleet = new Fleet(gateway, run);
        for (var i = 0; i < 4; i++)
            await fleet.AddLightAsync($"light-{i}", new LightOptions());
        fleet.Start();
        await NetworkRun.FlowsAsync(fleet);
        _ = Longest(fleet);
        await Await.PassAsync(Calm);
        var calm = Longest(fleet);
        await using var stalls = new Stalls();

        var watch = Stopwatch.StartNew();
        Task<string[]> adding;
        using (Hold(Path.Combine(gateway.Folder, "control.db")))
        {
            adding = Task.WhenAll(Enumerable.Range(0, adds).Select(i => gateway.AddDeviceAsync($"added-{i}")));
            await Await.PassAsync(Held);
            Assert.False(adding.IsCompleted, "The registry was not held: nothing was tested.");
        }
        await NetworkRun.FlowsAsync(fleet);
        var (during, stall) = (Longest(fleet), stalls.Take());
        Assert.Equal(adds, (await adding).Distinct().Count());
        run.Say(
            $"{adds} devices registered at once, {watch.Elapsed.TotalSeconds:F1} s with the {Held.TotalSeconds:F0} s that their file was held; the longest wait for a receipt was {calm.TotalMilliseconds:F0} ms before and {during.TotalMilliseconds:F0} ms meanwhile"
        );
        // Where those who wait hold the threads, receipts come when the file is let go, or later.
        Assert.True(during < calm + stall + (Held * 0.75), $"Receipts waited {during}, and {calm} before.");
        await fleet.DrainAsync(Patience);
        await fleet.CompareAsync();
        run.Conclude();
    }

    private static SqliteConnection Hold(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();
        return connection;
    }

    private static TimeSpan Longest(Fleet fleet) => fleet.TakeLatencies().DefaultIfEmpty().Max();
}
