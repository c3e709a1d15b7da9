using System.Diagnostics;

namespace IoTGateway.Faults;

/// <summary>One run of one fault: its seed, its ledger, and what it prints.</summary>
internal sealed class FaultRun
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly string _fault;
    private readonly Action<string> _print;

    public FaultRun(string fault, int seed, Action<string> print)
    {
        (_fault, _print, Seed, Random) = (fault, print, seed, new Random(seed));
        // Before all else: whatever fails from here on can be run again.
        print($"{fault}: seed {seed}");
    }

    public Ledger Ledger { get; } = new();

    /// <summary>Everything random comes from here.</summary>
    public Random Random { get; }

    public int Seed { get; }

    public TimeSpan Elapsed => _watch.Elapsed;

    public void Say(string line) => _print($"{_fault} [{_watch.Elapsed.TotalSeconds, 6:F1} s] {line}");

    /// <summary>Runs the fault; where it fails before its sums, says how far it came and with which seed.</summary>
    public async Task TellAsync(Func<FaultRun, Task> body)
    {
        try
        {
            await body(this);
        }
        catch
        {
            if (Ledger.RowsSent > 0)
                Say($"failed: sent {Ledger.RowsSent} acknowledged {Ledger.RowsAcknowledged} seed {Seed}");
            throw;
        }
    }

    /// <summary>Prints the sums, and fails in words where a store is not what devices were told.</summary>
    public void Conclude()
    {
        var (sent, acknowledged) = (Ledger.RowsSent, Ledger.RowsAcknowledged);
        foreach (var found in Ledger.Findings)
            _print($"{_fault}: {found.Store, -9} sent {sent} acknowledged {acknowledged} {found} seed {Seed}");
        Assert.NotEmpty(Ledger.Findings);
        Assert.True(acknowledged > 0, $"{_fault}: nothing was acknowledged, so nothing was tested.");
        var bad = Ledger.Findings.Where(found => !found.IsGood).ToArray();
        Assert.True(
            bad.Length == 0,
            $"{_fault} --seed {Seed}: {string.Join("; ", bad.Select(found => $"{found.Store}: {string.Join(", ", found.Examples)}"))}"
        );
    }
}

/// <summary>Waits for what another process does, since nothing there can signal us, and fails in words.</summary>
internal static class Await
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task UntilAsync(string what, TimeSpan limit, Func<Task<bool>> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed < limit, $"Waited {limit.TotalSeconds:F0} s in vain until {what}.");
            await PassAsync(Pause);
        }
    }

    public static Task UntilAsync(string what, TimeSpan limit, Func<bool> holds) =>
        UntilAsync(what, limit, () => Task.FromResult(holds()));

    /// <summary>Time that is part of the fault: how long an outage lasts, when a kill comes.</summary>
    public static Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, CancellationToken.None);
}
