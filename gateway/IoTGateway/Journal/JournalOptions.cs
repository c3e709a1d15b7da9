namespace IoTGateway.Journal;

/// <summary>The section <c>Journal</c> of the configuration. Sizes are bytes.</summary>
internal sealed class JournalOptions
{
    public const long SmallestMaxBytes = 256 * 1024;

    /// <summary>The journal's own folder; the host sets it below its data folder.</summary>
    public string Path { get; set; } = "";

    /// <summary>The segments never take more; at the limit acknowledgements stop until a cursor moves.</summary>
    public long MaxBytes { get; set; } = 4L << 30;

    /// <summary>Kept even when every sink has passed it, so that a sink added later finds a past to backfill.</summary>
    public long KeepBytes { get; set; } = 256L << 20;

    /// <summary>A segment file is closed at about this size (an eighth of <see cref="MaxBytes"/> at most).</summary>
    public long SegmentBytes { get; set; } = 64L << 20;

    /// <summary>What may wait for the disk; beyond it <c>AppendAsync</c> waits, and so do the devices.</summary>
    public int PendingBytes { get; set; } = 8 << 20;

    internal long EffectiveSegmentBytes => Math.Min(SegmentBytes, MaxBytes / 8);

    /// <summary>A batch is no larger than a segment, so that a segment overshoots its size by no more than itself.</summary>
    internal int EffectivePendingBytes =>
        (int)Math.Max(Math.Min(PendingBytes, EffectiveSegmentBytes), RecordFormat.MaxRecordBytes);

    internal void Validate()
    {
        RequireFolder(Path);
        Require("MaxBytes", MaxBytes, SmallestMaxBytes);
        Require("KeepBytes", KeepBytes, 0);
        Require("SegmentBytes", SegmentBytes, 1024);
        Require("PendingBytes", PendingBytes, 1024);
    }

    private static void RequireFolder(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new ArgumentException("Journal:Path is empty; set the folder that holds the journal.", nameof(path));
    }

    private static void Require(string name, long value, long smallest)
    {
        if (value < smallest)
            throw new ArgumentException($"Journal:{name} is {value}; it must be at least {smallest} bytes.", name);
    }
}
