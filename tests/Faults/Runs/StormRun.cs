using System.Collections.Concurrent;
using EndToEnd.Tests;
using IoTGateway.Faults.Devices;

namespace IoTGateway.Faults.Runs;

/// <summary>How large the storm is, and how many handshakes a second the gateway takes in it.</summary>
/// <param name="Devices">How many come back.</param>
/// <param name="HandshakesPerSecond">The gateway's pace.</param>
/// <param name="OverTls">As devices do. Without it a slow machine, too, can knock faster than the pace allows.</param>
internal sealed record Storm(int Devices, int HandshakesPerSecond, bool OverTls);

/// <summary>
/// A whole fleet comes back at once: after a stop in order, which spreads it by RETRY_AFTER, and after a kill, where the
/// gateway sends away whoever is over its pace. Either way every device is let in, and none comes in a second wave.
/// </summary>
internal sealed class StormRun(FaultRun run, Storm storm, GatewayProcess gateway, Fleet fleet) : IAsyncDisposable
{
    /// <summary>The part by which chance and whole seconds of Retry-After may exceed an even spread.</summary>
    private const double Unevenness = 1.5;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly ConcurrentQueue<Arrival> _arrivals = new();
    private readonly Stalls _stalls = new();

    public static async Task RunAsync(FaultRun run, Storm storm)
    {
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Limits:HandshakesPerSecond={storm.HandshakesPerSecond}",
            // One machine plays the addresses of all devices.
            "--Limits:HandshakesPerSecondPerAddress=100000"
        );
        await using var fleet = new Fleet(gateway, run);
        await using (var storming = new StormRun(run, storm, gateway, fleet))
            await storming.AllAsync();
        await fleet.DrainAsync(Patience);
        await fleet.CompareAsync();
        run.Conclude();
    }

    public ValueTask DisposeAsync() => _stalls.DisposeAsync();

    private async Task AllAsync()
    {
        var options = new LightOptions
        {
            Interval = TimeSpan.FromSeconds(5),
            // Nobody told them anything after a kill: all knock within a second of the gateway's start.
            BackoffBase = TimeSpan.FromMilliseconds(200),
            BackoffCap = TimeSpan.FromSeconds(1),
        };
        var link = storm.OverTls ? gateway.Link : gateway.PlainLink;
        for (var i = 0; i < storm.Devices; i++)
        {
            Action<bool> attempting = wasAsked => _arrivals.Enqueue(new Arrival(run.Elapsed, wasAsked));
            await fleet.AddLightAsync($"storm-{i}", options, link, attempting);
        }
        fleet.Start();
        await BackAsync("first come", run.Elapsed);
        await AfterStopAsync();
        await AfterKillAsync();
    }

    /// <summary>No more are told to come in one second than the gateway takes, and so nobody who does is sent away.</summary>
    private async Task AfterStopAsync()
    {
        _arrivals.Clear();
        var stopping = run.Elapsed;
        await gateway.StopAsync();
        run.Say($"the stop took {(run.Elapsed - stopping).TotalSeconds:F1} s");
        await gateway.ResumeAsync();
        var ready = run.Elapsed;
        var back = await BackAsync("after a stop", ready);
        var told = PerSecond(fleet.Light.Select(device => device.RetryAfter!.Value)); // a stop tells each
        run.Say($"told to come back in each second: {string.Join(' ', told)}");
        Assert.True(told.Max() <= storm.HandshakesPerSecond, $"{told.Max()} were told to come back in one second.");
        MostASecond(back);
        // Whoever was told a moment at which the gateway was still starting came again by his own doing.
        var early = _arrivals.Count(arrival => arrival.WasAsked && arrival.At < ready);
        Assert.True(
            back.SentAway <= 2 * early,
            $"{back.SentAway} were sent away, though only {early} came before the gateway was there."
        );
    }

    /// <summary>
    /// Nobody told them anything: all come at once, and most are sent away. Each is told a moment of its own, comes then, and
    /// is let in.
    /// </summary>
    private async Task AfterKillAsync()
    {
        await gateway.KillAsync();
        _arrivals.Clear();
        await gateway.ResumeAsync();
        var back = await BackAsync("after a kill", run.Elapsed);
        Assert.True(back.SentAway > 0, "Nobody was sent away, so nothing was tested.");
        MostASecond(back);
        Assert.True(
            back.SentAway < storm.Devices * Unevenness,
            $"{back.SentAway} times somebody of {storm.Devices} was sent away: not each was let in at the moment it was told."
        );
    }

    /// <summary>Of those who were told when to come.</summary>
    private void MostASecond(Return back) =>
        Assert.True(
            back.Asked.Max() <= storm.HandshakesPerSecond * (Unevenness + back.Stall.TotalSeconds),
            $"A wave of {back.Asked.Max()} in a second came, with a pace of {storm.HandshakesPerSecond} (this machine stalled {back.Stall.TotalSeconds:F2} s)."
        );

    /// <summary>Waits until every device is back.</summary>
    private async Task<Return> BackAsync(string when, TimeSpan began)
    {
        var (peakMiB, peakCpu) = (0.0, 0.0);
        var (before, at) = (gateway.Use(), run.Elapsed);
        _ = _stalls.Take();
        await Await.UntilAsync(
            $"all devices are back {when}",
            Patience,
            () =>
            {
                if (run.Elapsed - at >= TimeSpan.FromMilliseconds(500))
                {
                    var now = gateway.Use();
                    peakMiB = Math.Max(peakMiB, now.MemoryMiB);
                    peakCpu = Math.Max(peakCpu, (now.Cpu - before.Cpu) / (run.Elapsed - at));
                    (before, at) = (now, run.Elapsed);
                }
                return fleet.Light.All(device => device.IsOpen);
            }
        );
        var sentAway = (int)await gateway.MetricAsync("""iotgw_handshakes_refused_total{reason="busy"}""");
        var asked = PerSecond(_arrivals.Where(arrival => arrival.WasAsked).Select(arrival => arrival.At - began));
        run.Say(
            $"{when}: all {fleet.Light.Count} back {(run.Elapsed - began).TotalSeconds:F1} s after the start; peak {peakMiB:F0} MiB, {peakCpu:P0} of a core; attempts each second: {string.Join(' ', PerSecond(_arrivals.Select(arrival => arrival.At - began)))}; told to come then: {string.Join(' ', asked)}; sent away: {sentAway}"
        );
        return new Return(sentAway, asked, _stalls.Take());
    }

    private static int[] PerSecond(IEnumerable<TimeSpan> times)
    {
        var counts = new List<int> { 0 };
        foreach (var time in times.Where(time => time >= TimeSpan.Zero))
        {
            while (counts.Count <= (int)time.TotalSeconds)
                counts.Add(0);
            counts[(int)time.TotalSeconds]++;
        }
        return [.. counts];
    }

    private readonly record struct Arrival(TimeSpan At, bool WasAsked);

    private sealed record Return(int SentAway, int[] Asked, TimeSpan Stall);
}
