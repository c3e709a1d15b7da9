namespace IoTGateway.Journal;

/// <summary>Finds out, at start-up, what the disk holds: segments, watermarks, and where to go on.</summary>
internal sealed class JournalRecovery(string folder, IJournalStorage storage)
{
    private const int ReadBytes = 1 << 20;

    private readonly DamageLog _damages = new();
    private readonly JournalBatch _batch = new();
    private List<Segment> _segments = [];
    private long _fileEnd;

    public Watermarks Watermarks { get; } = new();

    public IReadOnlyList<Segment> Segments => _segments;

    public DamageLog Damages => _damages;

    public long RecordsScanned { get; private set; }

    public JournalDamage? Tail { get; private set; }

    /// <summary>Where the next segment may start: behind every byte there ever was, for offsets are not used twice.</summary>
    public long NextStart => _fileEnd;

    /// <summary>The last segment, if it is whole and can be written on.</summary>
    public Segment? Resumable => Tail is null ? _segments.LastOrDefault() : null;

    public void Run()
    {
        _segments = FindSegments();
        _fileEnd = _segments is [.., var last] ? last.End : 0;
        DropEmpty();
        ReportGaps();
        Replay();
        CutTail();
        SyncLast();
    }

    /// <summary>A segment ends where the next one starts, whatever an abandoned file holds beyond.</summary>
    private List<Segment> FindSegments()
    {
        var starts = new SortedList<long, string>();
        foreach (var path in Directory.EnumerateFiles(folder, "*" + Segment.Extension))
            if (Segment.TryParseStart(path, out var start))
                starts.Add(start, path);
        var segments = new List<Segment>();
        for (var i = 0; i < starts.Count; i++)
        {
            var (start, path) = (starts.GetKeyAtIndex(i), starts.GetValueAtIndex(i));
            var end = start + new FileInfo(path).Length;
            if (i + 1 < starts.Count)
                end = Math.Min(end, starts.GetKeyAtIndex(i + 1));
            segments.Add(new Segment(path, start, end));
        }
        return segments;
    }

    /// <summary>An empty last file is one that a crash left before its first sync; its name is needed again.</summary>
    private void DropEmpty()
    {
        if (_segments is not [.., { Bytes: 0 } empty])
            return;
        storage.Delete(empty.Path);
        _segments.Remove(empty);
    }

    /// <summary>A gap before a segment is right where recovery cut a tail; its snapshot knows where records ended.</summary>
    private void ReportGaps()
    {
        for (var i = 1; i < _segments.Count; i++)
        {
            var (before, after) = (_segments[i - 1], _segments[i]);
            if (before.End == after.Start)
                continue;
            using var reader = new RecordReader(new DamageLog(), withSnapshots: true);
            _batch.Clear(after.Start);
            reader.Read(after, after.Start, after.End, _batch, RecordFormat.MaxRecordBytes);
            if (_batch.Count == 0 || !_batch[0].IsSnapshot)
                continue;
            var missing = WatermarkSnapshot.PreviousEnd(_batch[0].Body.Span) - before.End;
            if (missing > 0)
                _damages.Report(new JournalDamage(before.Path, before.Bytes, missing, "the file ends too early"));
        }
    }

    private void Replay()
    {
        var first = _segments.Count - 1;
        while (first > 0 && !StartsWithWholeSnapshot(_segments[first]))
            first--;
        using var reader = new RecordReader(_damages, withSnapshots: true);
        for (var i = Math.Max(first, 0); i < _segments.Count; i++)
        for (var position = _segments[i].Start; position < _segments[i].End; )
        {
            _batch.Clear(position);
            var damagesBefore = _damages.Count;
            position = reader.Read(_segments[i], position, _segments[i].End, _batch, ReadBytes);
            Apply(reader.FirstDamage);
        }
    }

    private void Apply(long firstDamage)
    {
        foreach (ref readonly var record in _batch.Records)
        {
            if (record.IsSnapshot)
                WatermarkSnapshot.Merge(record.Body.Span, Watermarks);
            else if (RecordFormat.IsForget(record.Epoch, record.Body.Span))
                Watermarks.Forget(record.Device);
            else
                Watermarks.Replay(record.Device, record.Epoch, record.Sequence, record.Offset.Value > firstDamage);
            RecordsScanned += record.IsSnapshot ? 0 : 1;
        }
    }

    private bool StartsWithWholeSnapshot(Segment segment)
    {
        using var reader = new RecordReader(new DamageLog(), withSnapshots: true);
        var expected = 0u;
        for (var position = segment.Start; position < segment.End; )
        {
            _batch.Clear(position);
            position = reader.Read(segment, position, segment.End, _batch, RecordFormat.MaxRecordBytes);
            foreach (ref readonly var record in _batch.Records)
            {
                if (!record.IsSnapshot || WatermarkSnapshot.Chunk(record.Body.Span) != expected)
                    return false;
                if (++expected == WatermarkSnapshot.Chunks(record.Body.Span))
                    return true;
            }
        }
        return false;
    }

    private void CutTail()
    {
        if (_segments is not [.., var last] || !_damages.TryTakeTail(last.Path, last.Bytes, out var tail))
            return;
        // Behind what was torn, or behind whole records, are the zeros that the writer had filled ahead.
        var torn = EndOfWritten(last.Path, tail.Position, last.Bytes) - tail.Position;
        if (torn > 0)
            Tail = tail with { Bytes = torn };
        _fileEnd = last.Start + tail.Position + torn;
        last.End = last.Start + tail.Position;
        if (last.Bytes == 0)
        {
            storage.Delete(last.Path);
            _segments.Remove(last);
            return;
        }
        using var file = storage.Open(last.Path);
        file.SetLength(last.Bytes);
    }

    /// <summary>Where only zeros follow.</summary>
    private static long EndOfWritten(string path, long from, long to)
    {
        using var file = File.OpenHandle(path);
        var block = new byte[64 * 1024];
        while (to > from)
        {
            var start = Math.Max(from, to - block.Length);
            var read = RandomAccess.Read(file, block.AsSpan(0, (int)(to - start)), start);
            if (block.AsSpan(0, read).LastIndexOfAnyExcept((byte)0) is >= 0 and var last)
                return start + last + 1;
            to = start;
        }
        return from;
    }

    /// <summary>
    /// What was just read may be in memory only: a process that died between write and sync leaves it there. It is
    /// about to be called durable, so it has to be.
    /// </summary>
    private void SyncLast()
    {
        if (_segments is [.., var last])
        {
            using var file = storage.Open(last.Path);
            file.Sync();
        }
        storage.SyncFolder(folder);
    }
}
