namespace IoTGateway.Sinks;

/// <summary>What one sink has done since the start; written by its loop, read by anyone.</summary>
internal sealed class SinkCounters
{
    private long _rows;
    private long _readings;
    private long _rejected;
    private long _damaged;
    private long _unknownCatalog;
    private long _impossibleTimes;

    /// <summary>Rows stored. A row that came again counts again.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Values stored.</summary>
    public long Readings => Interlocked.Read(ref _readings);

    /// <summary>Rows the database will never take; recorded in <see cref="RejectedRows"/>.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Journal records whose bytes do not decode.</summary>
    public long DamagedRecords => Interlocked.Read(ref _damaged);

    /// <summary>Journal records written under a catalog that nobody has.</summary>
    public long UnknownCatalogRecords => Interlocked.Read(ref _unknownCatalog);

    /// <summary>Rows before 1970 or after 2262.</summary>
    public long ImpossibleTimeRows => Interlocked.Read(ref _impossibleTimes);

    public void AddStored(long rows, long readings)
    {
        Interlocked.Add(ref _rows, rows);
        Interlocked.Add(ref _readings, readings);
    }

    public void AddRejected(long rows) => Interlocked.Add(ref _rejected, rows);

    public void AddDamagedRecord() => Interlocked.Increment(ref _damaged);

    public void AddUnknownCatalogRecord() => Interlocked.Increment(ref _unknownCatalog);

    public void AddImpossibleTimes(long rows) => Interlocked.Add(ref _impossibleTimes, rows);
}
