using System.Diagnostics;
using EndToEnd.Tests;
using IoTGateway.Faults.Devices;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// A network between devices and gateway that delays, cuts in the middle of messages, and forgets connections. Presence is
/// right within two ping periods, nobody is said to be offline who is not, and every row is stored once.
/// </summary>
internal static class NetworkRun
{
    private const int PingSeconds = 3;
    private static readonly TimeSpan TwoPings = TimeSpan.FromSeconds(2 * PingSeconds);

    /// <summary>For the test to hear of it, and besides what this machine keeps timers waiting.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static async Task RunAsync(FaultRun run, int cuts, TimeSpan delayed)
    {
        await using var gateway = await GatewayProcess.StartAsync($"--Limits:PingSeconds={PingSeconds}");
        await using var proxy = new TcpProxy(gateway.HttpsPort);
        var link = new UriBuilder(gateway.Link) { Port = proxy.Port }.Uri;
        await using var fleet = new Fleet(gateway, run);
        for (var i = 0; i < 4; i++)
            await fleet.AddLightAsync($"light-{i}", new LightOptions(), link);
        await fleet.AddBoardAsync("board", new BoardOptions { StallTimeout = TimeSpan.FromSeconds(5) }, link);
        fleet.Start();
        await FlowsAsync(fleet);

        proxy.Delay = TimeSpan.FromMilliseconds(500);
        var falselyOffline = await WatchPresenceAsync(gateway, fleet, delayed);
        run.Say(
            $"500 ms each way for {delayed.TotalSeconds:F0} s: {falselyOffline} times somebody was said to be offline"
        );
        Assert.Equal(0, falselyOffline);
        proxy.Delay = TimeSpan.Zero;

        for (var cut = 0; cut < cuts; cut++)
        {
            await FlowsAsync(fleet);
            await Await.PassAsync(TimeSpan.FromMilliseconds(run.Random.Next(60)));
            proxy.CutAll(run.Random);
        }
        run.Say($"all connections were cut in the middle {cuts} times");

        await HalfOpenAsync(gateway, fleet, proxy, run);
        await fleet.DrainAsync(Patience);
        await fleet.CompareAsync();
        run.Conclude();
    }

    /// <summary>The gateway finds out by itself that nobody is there; the devices come back by their own stall.</summary>
    private static async Task HalfOpenAsync(GatewayProcess gateway, Fleet fleet, TcpProxy proxy, FaultRun run)
    {
        await FlowsAsync(fleet);
        await using var mute = await HostilePeer.LinkAsync(gateway.HttpPort, await gateway.AddDeviceAsync("mute"));
        await using var stalls = new Stalls();
        proxy.Forget();
        var watch = Stopwatch.StartNew();
        // Its connection is well and it answers no ping: as one behind a router that has forgotten it.
        await mute.SendAsync(HostilePeer.Frame(2, Counter.Hello(1)));
        string[] gone = ["mute", .. fleet.Light.Select(device => device.Id)];
        await Await.UntilAsync(
            "the gateway has noticed every half-open link",
            Patience,
            async () => !(await Task.WhenAll(gone.Select(gateway.IsOnlineAsync))).Any(online => online)
        );
        var (noticed, stall) = (watch.Elapsed, stalls.Take());
        Assert.True(await gateway.MetricAsync("""iotgw_links_ended_total{reason="silent"}""") >= gone.Length);
        run.Say(
            $"half-open links were noticed after {noticed.TotalSeconds:F1} s with a ping every {PingSeconds} s; this machine kept timers waiting {stall.TotalSeconds:F2} s"
        );
        // A ping and a pong each wait for a timer.
        Assert.True(noticed < TwoPings + Allowance + (2 * stall), $"It took {noticed}, more than two ping periods.");
        foreach (var device in fleet.Light)
            device.DropLink();
        await FlowsAsync(fleet);
        foreach (var id in fleet.Ids)
            await Await.UntilAsync($"'{id}' is online again", Patience, () => gateway.IsOnlineAsync(id));
    }

    /// <summary>How often a device that has a link is said to be offline.</summary>
    public static async Task<int> WatchPresenceAsync(GatewayProcess gateway, Fleet fleet, TimeSpan time)
    {
        var (wrong, watch) = (0, Stopwatch.StartNew());
        while (watch.Elapsed < time)
        {
            foreach (var device in fleet.Light)
                wrong += device.IsOpen && !await gateway.IsOnlineAsync(device.Id) && device.IsOpen ? 1 : 0;
            await Await.PassAsync(TimeSpan.FromMilliseconds(200));
        }
        return wrong;
    }

    /// <summary>Waits until every device gets receipts again.</summary>
    public static async Task FlowsAsync(Fleet fleet)
    {
        long[] before = [.. fleet.Light.Select(device => device.RowsAcknowledged)];
        long[] boards = [.. fleet.Boards.Select(board => board.Status.RowsAcknowledged)];
        await Await.UntilAsync(
            "every device gets receipts",
            Patience,
            () =>
                fleet.Light.Zip(before).All(pair => pair.First.RowsAcknowledged > pair.Second)
                && fleet.Boards.Zip(boards).All(pair => pair.First.Status.RowsAcknowledged > pair.Second)
        );
    }
}
