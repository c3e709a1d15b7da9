namespace IoTGateway.Journal;

/// <summary>Writes batches to the active segment and opens the next one. Only the writer loop calls it.</summary>
internal sealed class SegmentWriter(
    string folder,
    IJournalStorage storage,
    SegmentList segments,
    PendingQueue queue,
    long segmentBytes
) : IDisposable
{
    private const int LeastAhead = 64 * 1024;
    private const int MostAhead = 4 * 1024 * 1024;

    /// <summary>Beyond, the zeros cost more than they save: all is written twice, where few syncs have the file grow.</summary>
    private const int LargestFilledFor = 64 * 1024;

    private static readonly byte[] Zeros = new byte[LeastAhead];

    private IJournalFile? _file;
    private Segment? _active;

    /// <summary>Where the next new segment starts.</summary>
    private long _nextStart;

    /// <summary>Where valid records end; less than <see cref="_nextStart"/> when a damaged tail was cut off.</summary>
    private long _validEnd;

    /// <summary>Up to here the active file is filled with zeros.</summary>
    private long _filledBytes;

    /// <summary>Goes on where recovery ended: in <paramref name="file"/>, or in a new segment.</summary>
    public void Resume(Segment? active, IJournalFile? file, long nextStart, long validEnd)
    {
        (_active, _file, _nextStart, _validEnd) = (active, file, nextStart, validEnd);
    }

    /// <summary>What <see cref="Write"/> will add to the disk.</summary>
    public long BytesNeeded(PendingBatch batch)
    {
        RollIfFull(batch);
        if (_file is not null)
            return batch.Bytes;
        return queue.Snapshot(_validEnd).Length + batch.Bytes;
    }

    /// <summary>Returns when the batch is on disk. Throws IOException when it is not; then try again.</summary>
    public void Write(PendingBatch batch)
    {
        RollIfFull(batch);
        try
        {
            if (_active is null || _file is null)
                WriteToNew(batch);
            else
                WriteToActive(_active, _file, batch);
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    public void Dispose()
    {
        if (_active is not null && _file is not null)
            TryTruncate(_file, _active.Bytes);
        _file?.Dispose();
        _file = null;
    }

    private void RollIfFull(PendingBatch batch)
    {
        if (_active is null || _file is null || _active.Bytes + batch.Bytes <= segmentBytes)
            return;
        TryTruncate(_file, _active.Bytes);
        _file.Dispose();
        _nextStart = _validEnd = _active.End;
        (_active, _file) = (null, null);
    }

    private void WriteToActive(Segment active, IJournalFile file, PendingBatch batch)
    {
        RecordFormat.Seal(batch.Written, active.End);
        file.Write(batch.Written, active.Bytes);
        if (batch.Bytes <= LargestFilledFor)
            FillAhead(file, active.Bytes + batch.Bytes);
        file.Sync();
        active.End += batch.Bytes;
    }

    /// <summary>
    /// A file that grows has its size and its place on the disk written with every sync. So now and then it grows by more, in
    /// zeros that later batches overwrite: by as much as it has, within bounds, so that a small journal stays small.
    /// </summary>
    private void FillAhead(IJournalFile file, long end)
    {
        if (end <= _filledBytes)
            return;
        _filledBytes = Math.Min(end + Math.Clamp(end, LeastAhead, MostAhead), segmentBytes);
        try
        {
            for (var at = end; at < _filledBytes; at += Zeros.Length)
                file.Write(Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, _filledBytes - at)), at);
        }
        catch (IOException)
        {
            // A disk that is nearly full has better use for its room, and the batch is written.
            _filledBytes = long.MaxValue;
            TryTruncate(file, end);
        }
    }

    /// <summary>Gives back what was filled ahead. Recovery does it where this fails.</summary>
    private static void TryTruncate(IJournalFile file, long bytes)
    {
        try
        {
            file.SetLength(bytes);
        }
        catch (IOException)
        {
            // Readers go no further than the records.
        }
    }

    private void WriteToNew(PendingBatch batch)
    {
        var path = Segment.PathFor(folder, _nextStart);
        _file = storage.Create(path);
        _filledBytes = 0;
        var snapshot = queue.Snapshot(_validEnd);
        RecordFormat.Seal(snapshot, _nextStart);
        RecordFormat.Seal(batch.Written, _nextStart + snapshot.Length);
        _file.Write(snapshot, 0);
        _file.Write(batch.Written, snapshot.Length);
        _file.Sync();
        storage.SyncFolder(folder);
        _active = new Segment(path, _nextStart, _nextStart + snapshot.Length + batch.Bytes);
        segments.Add(_active);
    }

    /// <summary>
    /// After a failed write or sync nobody knows what the file holds: the kernel may have dropped the pages and call
    /// them clean, so a second fsync that succeeds proves nothing. The file ends at what was durable before, and the
    /// batch goes to a new one. Readers never look past the start of the next segment, so cutting is only tidiness.
    /// </summary>
    private void Abandon()
    {
        _file?.Dispose();
        _file = null;
        try
        {
            if (_active is null)
                storage.Delete(Segment.PathFor(folder, _nextStart));
            else
                Cut(_active);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The disk is failing; the caller already throws, and says why.
        }
        if (_active is not null)
            _nextStart = _validEnd = _active.End;
        _active = null;
    }

    private void Cut(Segment active)
    {
        using var file = storage.Open(active.Path);
        file.SetLength(active.Bytes);
        file.Sync();
    }
}
