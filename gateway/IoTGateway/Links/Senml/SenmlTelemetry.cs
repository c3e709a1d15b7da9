using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Links.Senml;

/// <summary>Writes the values of a pack as one TELEMETRY, so that all behind the link is the same for both subprotocols.</summary>
internal static class SenmlTelemetry
{
    /// <summary>Writes the message.</summary>
    /// <returns>Why that cannot be; null where it was written.</returns>
    public static string? Write(WireWriter writer, IReadOnlyList<SenmlRecord> records, Catalog catalog, uint sequence)
    {
        var bySensor = records.GroupBy(record => record.Measurement).ToArray();
        var baseMs = records.Min(record => record.TimeMs);
        writer.Clear();
        // A pack has no epoch of its own: the journal keeps it as a record without identity.
        new TelemetryHeader(1, sequence, ClockKind.Unix, baseMs, bySensor.Length).Write(writer);
        foreach (var group in bySensor)
        {
            var sensor = catalog.Sensors.First(sensor => sensor.Measurement == group.Key);
            var rows = group.GroupBy(record => record.TimeMs).OrderBy(row => row.Key).ToArray();
            if (rows.Length > ProtocolLimits.RowsPerBlock)
                return $"'{group.Key}' has more than {ProtocolLimits.RowsPerBlock} rows";
            var block = new RowBlock();
            block.Reset(sensor, rows.Length);
            for (var row = 0; row < rows.Length; row++)
            {
                block.Times[row] = rows[row].Key;
                foreach (var record in rows[row])
                {
                    if (!TrySet(block, row, record))
                        return $"{record.Number} of '{group.Key}/{record.Field}' has more digits than 64 bits hold";
                }
            }
            BlockEncoder.Write(writer, block, baseMs);
        }
        return writer.Length > ProtocolLimits.MessageBytes ? "the pack is too large" : null;
    }

    private static bool TrySet(RowBlock block, int row, SenmlRecord record)
    {
        var index = Array.FindIndex(block.Sensor.Fields, field => field.Name == record.Field);
        long raw = record.Truth == true ? 1 : 0;
        if (
            record.Number is { } number
            && !DecimalDigits.TryShift(number, block.Sensor.Fields[index].Exponent, out raw)
        )
            return false;
        block.Set(index, row, raw);
        return true;
    }
}
