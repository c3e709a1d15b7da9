namespace IoTGateway.Sinks;

/// <summary>A row that a sink's database will never take.</summary>
/// <param name="Device">Whose row it is.</param>
/// <param name="JournalOffset">The record it came in.</param>
/// <param name="Row">The row as it was sent.</param>
/// <param name="Reason">What the database said.</param>
internal readonly record struct RejectedRow(string Device, long JournalOffset, string Row, string Reason);

/// <summary>A rejected row read back.</summary>
/// <param name="Id">Names it for retry and discard; never used twice.</param>
/// <param name="Sink">Whose database refused it.</param>
/// <param name="AtUnixMs">When the reason was given.</param>
/// <param name="Row">The row.</param>
internal readonly record struct RejectedEntry(long Id, string Sink, long AtUnixMs, RejectedRow Row);
