namespace IoTGateway.Journal;

/// <summary>What opening the journal found.</summary>
/// <param name="Damages">Damage in what was scanned, and in cursor files. Older segments are checked when read.</param>
/// <param name="Tail">The torn tail that was cut off the last segment, if there was one.</param>
/// <param name="CutShort">How many runs in a row before this one ended without a stop.</param>
internal sealed record RecoveryReport(
    int Segments,
    long RecordsScanned,
    JournalDamage? Tail,
    IReadOnlyList<JournalDamage> Damages,
    int CutShort
)
{
    public long BytesTruncated => Tail?.Bytes ?? 0;
}
