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
    private IJournalFile? _file;
    private Segment? _active;

    /// <summary>Where the next new segment starts.</summary>
    private long _nextStart;

    /// <summary>Where valid records end; less than <see cref="_nextStart"/> when a damaged tail was cut off.</summary>
    private long _validEnd;

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
        _file?.Dispose();
        _file = null;
    }

    private void RollIfFull(PendingBatch batch)
    {
        if (_active is null || _file is null || _active.Bytes + batch.Bytes <= segmentBytes)
            return;
        _file.Dispose();
        _nextStart = _validEnd = _active.End;
        (_active, _file) = (null, null);
    }

    private static void WriteToActive(Segment active, IJournalFile file, PendingBatch batch)
    {
        RecordFormat.Seal(batch.Written, active.End);
        file.Write(batch.Written, active.Bytes);
        file.Sync();
        active.End += batch.Bytes;
    }

    private void WriteToNew(PendingBatch batch)
    {
        var path = Segment.PathFor(folder, _nextStart);
        _file = storage.Create(path);
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
