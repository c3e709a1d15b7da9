using System.Diagnostics;
using EndToEnd.Tests;
using IoTGateway.Faults.Devices;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// Peers that mean harm, one kind after the other, while good devices stream: none of these loses its link or a row or
/// waits noticeably longer, no process ends, and the memory comes back.
/// </summary>
/// <param name="run">Where it is told.</param>
/// <param name="calm">How long each calm lasts that a flood is compared with; a flood lasts as long.</param>
/// <param name="gateway">Who is attacked.</param>
/// <param name="others">Who must not suffer.</param>
internal sealed partial class HostileRun(FaultRun run, TimeSpan calm, GatewayProcess gateway, Bystanders others)
{
    private const int HelloSeconds = 2;
    private const int FloodTurns = 4;

    /// <summary>What else this machine does may fall on one side for once; a flood that costs the others does so each time.</summary>
    private const int FloodSeries = 3;

    /// <summary>A sync of the disk takes a few milliseconds, now one and now another number of them.</summary>
    private static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(FaultRun run, TimeSpan calm)
    {
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Limits:HelloSeconds={HelloSeconds}",
            "--Limits:HandshakesPerMinutePerDevice=1000000",
            "--Limits:HandshakesPerSecondPerAddress=100000",
            "--Limits:HandshakesPerSecond=100000"
        );
        await Bystanders.RunAsync(run, gateway, calm, others => new HostileRun(run, calm, gateway, others).AllAsync());
    }

    private async Task AllAsync()
    {
        await others.DuringAsync("bad frames", BadFramesAsync);
        await others.DuringAsync("slow loris", SlowLorisAsync);
        await FloodsAsync();
    }

    /// <summary>
    /// Calm and flood in turns, so that whatever else this machine does falls on both alike; then the others' waits in the
    /// one are compared with those in the other.
    /// </summary>
    private async Task FloodsAsync()
    {
        var token = await gateway.AddDeviceAsync("flood");
        for (var series = 1; ; series++)
        {
            var (before, during) = await FloodSeriesAsync(token);
            run.Say($"flood by one device, {FloodTurns} turns: others' receipts {before} in calm, {during} flooded");
            if (during.Median < (before.Median * 2) + Jitter && during.Ninety < (before.Ninety * 2) + Jitter)
                return;
            Assert.True(
                series < FloodSeries,
                $"{series} times in a row a flood cost the others time, at last {during} and {before} in calm."
            );
        }
    }

    private async Task<(Waits Calm, Waits Flooded)> FloodSeriesAsync(string token)
    {
        var (still, flooded) = (new List<Waits>(), new List<TimeSpan>());
        for (var turn = 0; turn < FloodTurns; turn++)
        {
            still.Add(await others.CalmAsync());
            await FloodAsync(token);
            flooded.AddRange(others.TakeAll());
        }
        // What one calm turn differs from another is this machine's noise: the worst of them is the measure.
        var calmest = new Waits(still.Max(turn => turn.Median), still.Max(turn => turn.Ninety));
        return (calmest, Waits.Of(flooded));
    }

    /// <summary>As fast as the connection takes it, again and again; the link ends with 4429 each time.</summary>
    private async Task FloodAsync(string token)
    {
        var messages = Enumerable
            .Range(0, 200)
            .SelectMany(_ => HostilePeer.Frame(2, [0x05, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x61, 1, 0x62]));
        byte[] burst = [.. messages];
        var over = 0;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < calm)
        {
            await using var peer = await HostilePeer.LinkAsync(gateway.HttpPort, token);
            var closed = peer.CloseCodeAsync(Patience);
            await peer.SendAsync(HostilePeer.Frame(2, Counter.Hello(1)));
            try
            {
                while (!closed.IsCompleted)
                    await peer.SendAsync(burst);
            }
            catch (IOException) { }
            over += await closed == 4429 ? 1 : 0;
        }
        Assert.True(over > 0, "No flood was ended with 4429.");
    }
}
