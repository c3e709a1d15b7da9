namespace Firmware.Tests.Scenarios;

/// <summary>What became of a device's rows, and that its faults were felt.</summary>
/// <param name="Rows">Sampled.</param>
/// <param name="Arrived">Once each.</param>
/// <param name="InGaps">Not arrived, and inside a gap.</param>
/// <param name="Both">Arrived, although inside a gap: a gap tells where rows may be missing.</param>
/// <param name="Damaged">Spill files that a power cut left in the middle.</param>
/// <param name="Failed">Spills that the flash had no room for.</param>
/// <param name="Spilled">Rows that were in flash.</param>
/// <param name="Unread">Samples that a NACK cost.</param>
/// <param name="SinceBoot">Rows that were sampled in 1970.</param>
/// <param name="Ahead">Rows that were sampled in the next year.</param>
internal readonly record struct Outcome(
    int Rows,
    int Arrived,
    int InGaps,
    int Both,
    long Damaged,
    long Failed,
    long Spilled,
    long Unread,
    int SinceBoot,
    int Ahead
)
{
    public static Outcome operator +(Outcome a, Outcome b) =>
        new(
            a.Rows + b.Rows,
            a.Arrived + b.Arrived,
            a.InGaps + b.InGaps,
            a.Both + b.Both,
            a.Damaged + b.Damaged,
            a.Failed + b.Failed,
            a.Spilled + b.Spilled,
            a.Unread + b.Unread,
            a.SinceBoot + b.SinceBoot,
            a.Ahead + b.Ahead
        );
}
