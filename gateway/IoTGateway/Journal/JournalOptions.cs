namespace IoTGateway.Journal;

/// <summary>The section <c>Journal</c> of the configuration. Sizes are bytes.</summary>
internal sealed class JournalOptions
{
    public const long SmallestMaxBytes = 256 * 1024;
    public static readonly TimeSpan LongestGather = TimeSpan.FromSeconds(1);

    /// <summary>The journal's own folder. No setting: it is always below the data folder.</summary>
    internal string Path { get; set; } = "";

    /// <summary>The segments never take more; at the limit acknowledgements stop until a cursor moves.</summary>
    public long MaxBytes { get; set; } = 4L << 30;

    /// <summary>Kept even when every sink has passed it, so that a sink added later finds a past to backfill.</summary>
    public long KeepBytes { get; set; } = 256L << 20;

    /// <summary>A segment file is closed at about this size (an eighth of <see cref="MaxBytes"/> at most).</summary>
    public long SegmentBytes { get; set; } = 64L << 20;

    /// <summary>What may wait for the disk; beyond it <c>AppendAsync</c> waits, and so do the devices.</summary>
    public int PendingBytes { get; set; } = 8 << 20;

    /// <summary>
    /// Time from one sync to the next at least, and where few messages come, up to ten times as long: what comes meanwhile
    /// shares one. What comes after a longer pause waits for nothing.
    /// </summary>
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(4);

    internal long EffectiveSegmentBytes => Math.Min(SegmentBytes, MaxBytes / 8);

    /// <summary>A batch is no larger than a segment, so that a segment overshoots its size by no more than itself.</summary>
    internal int EffectivePendingBytes =>
        (int)Math.Max(Math.Min(PendingBytes, EffectiveSegmentBytes), RecordFormat.MaxRecordBytes);

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            Setting.AtLeast("Journal:MaxBytes", MaxBytes, SmallestMaxBytes),
            Setting.AtLeast("Journal:KeepBytes", KeepBytes, 0),
            Setting.AtLeast("Journal:SegmentBytes", SegmentBytes, 1024),
            Setting.AtLeast("Journal:PendingBytes", PendingBytes, 1024),
            Setting.That(
                Gather >= TimeSpan.Zero && Gather <= LongestGather,
                $"Journal:Gather is {Gather}: allowed is 00:00:00 to {LongestGather}, as hours:minutes:seconds."
            )
        );
}
