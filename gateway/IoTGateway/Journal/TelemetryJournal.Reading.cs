namespace IoTGateway.Journal;

/// <summary>A cursor as an operator sees it, open or not.</summary>
/// <param name="Position">Committed or released.</param>
/// <param name="LagBytes">Durable bytes behind the position.</param>
/// <param name="LastReceivedUnixMs">Receive time of the last record before the position; 0: not known.</param>
internal readonly record struct CursorStatus(
    string Name,
    JournalOffset Position,
    long LagBytes,
    long LastReceivedUnixMs,
    bool IsOpen
);

internal sealed partial class TelemetryJournal
{
    public IReadOnlyList<CursorStatus> Cursors =>
        [
            .. _cursors.All.Select(cursor => new CursorStatus(
                cursor.Name,
                new JournalOffset(cursor.Position),
                Math.Max(0, _durable.Value - cursor.Position),
                cursor.ReceivedUnixMs,
                cursor.IsOpen
            )),
        ];

    /// <summary>
    /// Opens a sink's cursor where it was committed, or at the oldest record if it is new. From then on, and across
    /// restarts, nothing behind it is removed, until <see cref="RemoveCursor"/>.
    /// </summary>
    /// <param name="name">1 to 63 of a-z 0-9 - _.</param>
    /// <param name="startAt">For an owner that stores the position itself: where it is.</param>
    public JournalCursor OpenCursor(string name, JournalOffset? startAt = null)
    {
        var oldest = OldestOffset.Value;
        var end = Math.Max(_durable.Value, _firstStart);
        if (startAt is { } asked && asked.Value > end)
        {
            // A position this journal never had belongs to another one: reading all again loses nothing.
            JournalLog.CursorBeyondEnd(_logger, name, asked.Value, end, oldest);
            startAt = new JournalOffset(oldest);
        }
        var state = _cursors.Open(name, startAt?.Value ?? oldest);
        var start = startAt?.Value ?? state.Position;
        if (startAt is not null)
            state.Move(start, state.ReceivedUnixMs, _options.EffectiveSegmentBytes);
        var reader = new JournalReader(_segments, _durable, _damages, start);
        return new JournalCursor(state, reader, this, _options.EffectiveSegmentBytes);
    }

    /// <summary>For a sink that is no longer configured: it holds nothing back any more. False: there is none.</summary>
    public bool RemoveCursor(string name)
    {
        var removed = _cursors.Remove(name);
        CursorMoved();
        return removed;
    }

    /// <summary>Reads what comes from now on; for views that may miss something.</summary>
    public JournalTail OpenTail() => new(new JournalReader(_segments, _durable, _damages, _durable.Value));

    /// <summary>The files that hold everything before a place, and how much of each; a cursor must hold them back.</summary>
    public IReadOnlyList<(string Path, long Bytes)> SegmentsUpTo(JournalOffset end)
    {
        var files = new List<(string, long)>();
        foreach (var segment in _segments.All)
        {
            if (segment.Start < end.Value)
                files.Add((segment.Path, Math.Min(segment.End, end.Value) - segment.Start));
        }
        return files;
    }

    internal void CursorMoved() => _writer.CursorMoved();

    internal void Close(CursorState state) => _cursors.Close(state);
}
