using System.Diagnostics;
using EndToEnd.Tests;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// Thousands of peers that connect and then say nothing: strangers who never send a byte, and links that owe their HELLO.
/// All are there at the same moment, let in at the gateway's own pace. What one costs is bounded, and when they have gone
/// nothing of them is left.
/// </summary>
internal sealed class MuteRun(FaultRun run, int peers, GatewayProcess gateway, Bystanders others)
{
    /// <summary>So many at a time are on their way, as from a botnet whose machines do not wait for one another.</summary>
    private const int AtATime = 200;

    /// <summary>What a link costs before its HELLO, with the platform's connection, request and WebSocket under it.</summary>
    private const double MostKiBPerLink = 40;

    /// <summary>With fewer the cost of one is lost in the heap's own ups and downs.</summary>
    private const int EnoughToWeigh = 2_000;

    /// <summary>So many of the gateway's own, files and pooled connections, may come and go meanwhile.</summary>
    private const int OwnHandles = 20;

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly List<string> _tokens = [];

    public static async Task RunAsync(FaultRun run, int peers)
    {
        // Long enough for all to be there at once, also on a slow machine.
        var seconds = 3 + (peers / 200);
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Limits:HelloSeconds={seconds}",
            // They answer no ping either, and that is not what they shall be sent away for.
            $"--Limits:PingSeconds={Math.Max(15, seconds)}",
            // All of them are let in, and whoever asks for the metrics.
            $"--Limits:OtherConnections={peers + 100}",
            // One machine plays the addresses of all.
            "--Limits:HandshakesPerSecondPerAddress=100000"
        );
        await Bystanders.RunAsync(run, gateway, Calm, others => new MuteRun(run, peers, gateway, others).AllAsync());
    }

    private async Task AllAsync()
    {
        for (var i = 0; i < peers; i++)
            _tokens.Add(await gateway.AddDeviceAsync($"mute-{i}"));
        await StrangersAsync();
        // The second time shows whether anything is left of the first: what so many links need at once, pools keep.
        await LinksAsync("links without HELLO", isFirst: true);
        await LinksAsync("links without HELLO again", isFirst: false);
    }

    /// <summary>Connected, half of them on the port of TLS, and not a byte said.</summary>
    private async Task StrangersAsync()
    {
        var before = await gateway.SettledAsync();
        var calm = await others.CalmAsync();
        var ports = new[] { gateway.HttpPort, gateway.HttpsPort };
        var watch = Stopwatch.StartNew();
        var strangers = await OpenAsync(Enumerable.Range(0, peers), i => HostilePeer.ConnectAsync(ports[i % 2]));
        var all = before.Handles + peers;
        await Await.UntilAsync("all are taken in", Patience, () => gateway.Use().Handles > all - OwnHandles);
        var (opening, took) = (others.Taken(), watch.Elapsed - Breath);
        await Await.PassAsync(Calm);
        var (holding, peak) = (others.Taken(), gateway.Use());
        foreach (var peer in strangers)
            await peer.DisposeAsync();
        await Await.UntilAsync("they have gone", Patience, () => gateway.Use().Handles < before.Handles + OwnHandles);
        var after = await gateway.SettledAsync();
        run.Say(
            $"{peers} connections without a byte, all there after {took.TotalSeconds:F1} s: {Weight(before, peak)}, {after.MemoryMiB:F0} MiB after; others' receipts {calm} in calm, {opening} while they came, {holding} with them"
        );
        Bystanders.MustBeLike(calm, opening, "connections without a byte come");
        Bystanders.MustBeLike(calm, holding, "connections without a byte");
        MustBeLight(before, peak);
    }

    /// <summary>Upgraded, and then silent: each is closed with 4408 when its time is over.</summary>
    private async Task LinksAsync(string what, bool isFirst)
    {
        var before = await gateway.SettledAsync();
        var calm = await others.CalmAsync();
        var watch = Stopwatch.StartNew();
        var links = await OpenAsync(_tokens, token => HostilePeer.PacedAsync(gateway.HttpPort, token));
        var (opening, took) = (others.Taken(), watch.Elapsed - Breath);
        Assert.Equal(peers + others.Links, await gateway.MetricAsync("iotgw_links"));
        await Await.PassAsync(Calm);
        var (holding, peak) = (others.Taken(), gateway.Use());
        var codes = await Task.WhenAll(links.Select(peer => peer.CloseCodeAsync(Patience)));
        foreach (var peer in links)
            await peer.DisposeAsync();
        var odd = codes.Where(code => code != 4408).ToArray();
        Assert.True(odd.Length == 0, $"{odd.Length} links were not closed with 4408 but with {odd.FirstOrDefault()}.");
        await others.AloneAsync(what);
        var closing = others.Taken();
        var after = await gateway.SettledAsync();
        run.Say(
            $"{peers} {what}, all there after {took.TotalSeconds:F1} s: {Weight(before, peak)}, {after.MemoryMiB:F0} MiB after; others' receipts {calm} in calm, {opening} while they came, {holding} with them, {closing} until they had gone"
        );
        Bystanders.MustBeLike(calm, opening, $"{what} come");
        Bystanders.MustBeLike(calm, holding, what);
        Bystanders.MustBeLike(calm, closing, $"{what} go");
        MustBeLight(before, peak);
        if (!isFirst)
            Bystanders.MustBeOver(before, after, what);
    }

    private void MustBeLight(ProcessUse before, ProcessUse peak) =>
        Assert.True(peers < EnoughToWeigh || KiBEach(before, peak) < MostKiBPerLink, Weight(before, peak));

    private double KiBEach(ProcessUse before, ProcessUse peak) => (peak.MemoryMiB - before.MemoryMiB) * 1024 / peers;

    private string Weight(ProcessUse before, ProcessUse peak) =>
        $"memory {before.MemoryMiB:F0} MiB before, {peak.MemoryMiB:F0} MiB with all ({KiBEach(before, peak):F1} KiB each)";

    private static async Task<List<HostilePeer>> OpenAsync<T>(IEnumerable<T> all, Func<T, Task<HostilePeer>> connect)
    {
        var open = new List<HostilePeer>();
        foreach (var some in all.Chunk(AtATime))
            open.AddRange(await Task.WhenAll(some.Select(connect)));
        // A few of them are there in no time, in which nobody else gets a receipt to be measured.
        await Await.PassAsync(Breath);
        return open;
    }
}
