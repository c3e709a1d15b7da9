using Firmware.Tests.Wire;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Scenarios;

internal sealed partial class Subject
{
    public Outcome Verify(int seed)
    {
        var (messages, gaps, disorder) = _gateway.Journal(_name).Read();
        var status = Device.Status;
        Assert.Null(status.Fault);
        Assert.True(disorder.Count == 0, $"seed {seed}, {_name}: {string.Join(", ", disorder)}");
        // A power cut in the middle of sealing leaves rows both in a message and in the batch.
        var rows = _device
            .Rows.OrderByDescending(r => r.Sequence)
            .DistinctBy(r => (r.Epoch, r.Measurement, r.IsUnixTime, r.TimeMs))
            .ToList();
        Assert.Equal(status.RowsSampled, rows.Count);
        var arrived = rows.Where(r => messages.ContainsKey((r.Epoch, r.Sequence))).ToList();
        AssertContents(seed, arrived, messages);
        var missing = rows.Where(r => !messages.ContainsKey((r.Epoch, r.Sequence))).ToList();
        var shared = Shared(gaps);
        var untold = missing
            .Where(r => !gaps.Any(g => Covers(g, r)) && !shared.Any(g => Covers(g, r, isShared: true)))
            .ToList();
        Assert.True(
            untold.Count == 0,
            $"seed {seed}, {_name}: {untold.Count} rows neither arrived nor are inside a gap: {string.Join(", ", untold.Take(5))}; "
                + $"{gaps.Count} gaps: {string.Join(", ", gaps.Distinct())}"
        );
        var nextYear = TimeProvider.System.GetUtcNow().AddDays(300).ToUnixTimeMilliseconds();
        return new(
            rows.Count,
            arrived.Count,
            missing.Count,
            arrived.Count(r => gaps.Any(g => Covers(g, r))),
            status.SpillFilesDamaged,
            status.SpillsFailed,
            status.RowsSpilled,
            rows.Count(r => r.Measurement == "board") - rows.Count(r => r.Measurement == "climate"),
            rows.Count(r => !r.IsUnixTime),
            rows.Count(r => r.TimeMs > nextYear)
        );
    }

    /// <summary>
    /// By epoch, and by a time in the range. A gap on the wall clock that tells of rows since boot is held against the very
    /// offset with which that boot's other rows were translated; one since boot tells of no rows on the wall clock.
    /// </summary>
    private bool Covers(GapMessage gap, VirtualRow row, bool isShared = false)
    {
        var isUnix = gap.Clock == 1;
        if ((isShared ? gap.Epoch > row.Epoch : gap.Epoch != row.Epoch) || (row.IsUnixTime && !isUnix))
            return false;

        var time = OnClock(row, isUnix);
        return (long)gap.FromMs <= time && time <= (long)gap.ToMs;
    }

    /// <summary>
    /// Those that were told behind as many as there are places for: what comes to such a one later than its first rows bears
    /// their epoch (firmware/README.md).
    /// </summary>
    private static List<GapMessage> Shared(List<GapMessage> gaps)
    {
        const int Places = 14;
        return [.. gaps.Where((_, i) => i >= Places && gaps.GetRange(i - Places, Places).Distinct().Count() == Places)];
    }

    private long OnClock(VirtualRow row, bool unix) =>
        row.TimeMs + (unix && !row.IsUnixTime ? Device.UnixMsAtBoot[row.Epoch] : 0);

    /// <summary>Each message holds exactly the rows that were sealed into it, each once.</summary>
    private void AssertContents(int seed, List<VirtualRow> arrived, Dictionary<(uint, uint), Telemetry> messages)
    {
        foreach (var group in arrived.GroupBy(r => (r.Epoch, r.Sequence)))
        {
            var telemetry = messages[group.Key];
            var expected = group
                .Select(r => RowText.Of(r with { TimeMs = OnClock(r, telemetry.Clock == 1) }))
                .Order(StringComparer.Ordinal);
            var received = RowText.Of(telemetry).Order(StringComparer.Ordinal);
            Assert.True(
                expected.SequenceEqual(received),
                $"seed {seed}, {_name}: {group.Key} holds other rows than were sealed into it"
            );
        }

        // Where two rows of a sensor bear one time, a database keeps one of them.
        var times = arrived
            .Where(r => messages[(r.Epoch, r.Sequence)].Clock == 1)
            .Select(r => (r.Epoch, r.Measurement, Time: OnClock(r, true)))
            .ToList();
        var twice = times.GroupBy(t => (t.Measurement, t.Time)).Where(g => g.Count() > 1).SelectMany(g => g).ToList();
        Assert.True(
            twice.Count == 0,
            $"seed {seed}, {_name}: two rows of one sensor and time: {string.Join(", ", twice.Take(6))}"
        );
    }
}
