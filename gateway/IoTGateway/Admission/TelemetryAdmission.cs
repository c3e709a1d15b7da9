using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Admission;

/// <summary>
/// Decides whether a TELEMETRY can be stored, by decoding it once as every sink will: what passes here no sink has to
/// doubt.
/// </summary>
internal static class TelemetryAdmission
{
    [ThreadStatic]
    private static RowBlock? _scratch;

    /// <summary>Checks a whole message, its type byte included. Does not throw on input.</summary>
    public static Admitted Check(ReadOnlySpan<byte> message, Catalog catalog)
    {
        var block = _scratch ??= new RowBlock();
        var reader = new TelemetryReader(message);
        int rows = 0,
            readings = 0;
        long first = long.MaxValue,
            last = 0;
        while (reader.TryReadBlock(catalog, block))
        {
            rows += block.Rows;
            readings += block.CountReadings();
            first = Math.Min(first, block.Times[0]);
            last = Math.Max(last, block.Times[^1]);
        }
        return new Admitted(reader.Error, reader.HasIdentity, reader.Header, rows, readings, first, last);
    }
}

/// <summary>What a TELEMETRY turned out to be.</summary>
/// <param name="Error">Why it cannot be stored, or none.</param>
/// <param name="HasIdentity">Whether epoch and sequence could be read.</param>
/// <param name="Header">What stands before its blocks.</param>
/// <param name="Rows">Rows in all blocks.</param>
/// <param name="Readings">Values present in all blocks.</param>
/// <param name="FirstMs">Earliest time, on the message's clock.</param>
/// <param name="LastMs">Latest time, on the message's clock.</param>
internal readonly record struct Admitted(
    DecodeError Error,
    bool HasIdentity,
    TelemetryHeader Header,
    int Rows,
    int Readings,
    long FirstMs,
    long LastMs
);
