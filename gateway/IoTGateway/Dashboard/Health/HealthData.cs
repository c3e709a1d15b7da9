namespace IoTGateway.Dashboard.Health;

/// <summary>Something is wrong, and what to do.</summary>
/// <param name="What">Is wrong, in a few words.</param>
/// <param name="Text">The reason and what to do, for a person.</param>
/// <param name="IsBad">False: it can wait.</param>
/// <param name="SinceMs">When it began, Unix milliseconds; null where nobody knows.</param>
public sealed record Trouble(string What, string Text, bool IsBad, long? SinceMs = null);

/// <summary>The figures at the top.</summary>
/// <param name="Links">Open now.</param>
/// <param name="Devices">Registered.</param>
/// <param name="MessagesPerSecond">Over the last seconds; null before there are two looks.</param>
/// <param name="ReadingsPerSecond">Likewise.</param>
/// <param name="BytesPerSecond">Likewise.</param>
/// <param name="JournalBytes">On disk.</param>
/// <param name="DiskFree">Bytes free where the data folder is.</param>
/// <param name="DiskTotal">Bytes of that disk.</param>
public sealed record HealthFigures(
    int Links,
    long Devices,
    double? MessagesPerSecond,
    double? ReadingsPerSecond,
    double? BytesPerSecond,
    long JournalBytes,
    long DiskFree,
    long DiskTotal
);

/// <summary>How a sink fares.</summary>
public sealed record SinkRow(
    string Name,
    string? Problem,
    long LagBytes,
    TimeSpan Behind,
    long Rows,
    long Rejected,
    long Retries
);

/// <summary>Turned away since the start.</summary>
public sealed record RefusalRow(string Where, string Reason, long Count);

/// <summary>The certificate that devices see.</summary>
/// <param name="Names">It is valid for.</param>
/// <param name="IsOwn">Of the gateway's own CA.</param>
/// <param name="EndsMs">Unix milliseconds.</param>
/// <param name="AuthorityEndsMs">Of the gateway's own CA; null where it has none.</param>
public sealed record CertificateData(string Names, bool IsOwn, long EndsMs, long? AuthorityEndsMs);

/// <summary>Rows that a database would not take.</summary>
/// <param name="Sink">Whose database.</param>
/// <param name="Count">How many are set aside.</param>
/// <param name="Newest">The newest of them.</param>
public sealed record RejectedSink(string Sink, long Count, IReadOnlyList<RejectedRowData> Newest);

/// <summary>A row that a database would not take.</summary>
public sealed record RejectedRowData(long Id, string Device, long AtMs, string Row, string Reason);
