using Firmware.Tests.Device;
using Firmware.Tests.StandIns;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Storage;

namespace Firmware.Tests.Storage;

public sealed class GapLedgerTests : IDisposable
{
    private readonly TestMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void More_gaps_than_there_are_places_still_say_of_each_row_that_it_is_lost_and_how_many_over_a_boot_too()
    {
        var entries = Enumerable.Range(1, 40).Select(Lost).ToList();
        var ledger = new GapLedger();
        foreach (var entry in entries.Take(30))
            ledger.Add(entry);
        // The last ten come while all the others are on their way.
        while (ledger.Unsent() is { } gap)
            gap.Sent = true;
        ledger.TelemetrySent(7);
        foreach (var entry in entries.Skip(30))
            ledger.Add(entry);
        AssertTold(ledger, entries);

        Assert.True(ledger.TrySave(new BenchBoard(), new Counters()));
        Assert.True(new FileInfo(_machine.Flash("gaps1")).Length <= 512, "it must fit beside a full flash");
        var restored = new GapLedger();
        restored.Restore();
        AssertTold(restored, entries);

        // What came to the shared places after they were told is not forgotten with the ACK of what was told.
        ledger.Acknowledged(7);
        ledger.LinkLost();
        var left = TakeAll(ledger);
        Assert.All(entries.Skip(30), entry => Assert.Contains(left, gap => Covers(gap, entry)));
    }

    private static void AssertTold(GapLedger ledger, List<OutboxEntry> entries)
    {
        ledger.LinkLost();
        var told = TakeAll(ledger);
        Assert.All(entries, entry => Assert.Contains(told, gap => Covers(gap, entry)));
        Assert.Equal(entries.Sum(e => e.Rows), told.Sum(gap => gap.Rows));
        Assert.True(told.Count <= 16);
        // As before: on its way, with the next message of the link.
        ledger.TelemetrySent(7);
        foreach (var gap in told.TakeLast(2))
            gap.DeliveredWith = 0;
    }

    private static List<Gap> TakeAll(GapLedger ledger)
    {
        var told = new List<Gap>();
        while (ledger.Unsent() is { } gap)
        {
            gap.Sent = true;
            told.Add(gap);
        }

        return told;
    }

    private static bool Covers(Gap gap, OutboxEntry entry) =>
        gap.Clock == entry.Clock && gap.FromMs <= entry.FromMs && entry.ToMs <= gap.ToMs;

    /// <summary>Of an epoch of its own, on the one clock or the other.</summary>
    private static OutboxEntry Lost(int n) =>
        new()
        {
            Epoch = (uint)n,
            Clock = (byte)(n % 2),
            FromMs = n * 1000,
            ToMs = n * 1000 + 500,
            Rows = n,
        };
}
