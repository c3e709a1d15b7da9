namespace IoTGateway.Journal;

/// <summary>The segments in order. One writer changes the list; readers see whole versions of it without a lock.</summary>
internal sealed class SegmentList(IEnumerable<Segment> segments)
{
    private volatile Segment[] _segments = [.. segments];

    public ReadOnlySpan<Segment> All => _segments;

    public int Count => _segments.Length;

    public Segment? First => _segments is [var first, ..] ? first : null;

    public Segment? Last => _segments is [.., var last] ? last : null;

    public long TotalBytes
    {
        get
        {
            var total = 0L;
            foreach (var segment in _segments)
                total += segment.Bytes;
            return total;
        }
    }

    public void Add(Segment segment) => _segments = [.. _segments, segment];

    public void RemoveFirst() => _segments = _segments[1..];

    /// <summary>The segment that holds what follows <paramref name="offset"/>; null: nothing does yet.</summary>
    public Segment? After(long offset)
    {
        foreach (var segment in _segments)
            if (offset < segment.End)
                return segment;
        return null;
    }
}
