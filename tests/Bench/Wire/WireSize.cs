using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Bench.Wire;

/// <summary>What a number of rows a message costs.</summary>
/// <param name="RowsPerMessage">Rows of every sensor in one TELEMETRY.</param>
/// <param name="Messages">How many TELEMETRY messages.</param>
/// <param name="Readings">How many values they carry.</param>
/// <param name="Bytes">Their bytes, each with its masked WebSocket header.</param>
internal sealed record WireCost(int RowsPerMessage, long Messages, long Readings, long Bytes)
{
    public double BytesPerReading => (double)Bytes / Readings;
}

/// <summary>Bytes on the wire for real data, in the layout a real device would use.</summary>
internal static class WireSize
{
    /// <summary>
    /// One device with ten sensors: nine rooms of temperature and humidity, and the weather outside. A column such as
    /// <c>room1_temperature_cel</c> is the field <c>temperature</c> of the sensor <c>room1</c>, in hundredths.
    /// </summary>
    public static Catalog Layout(HouseData data)
    {
        var byRoom = data.Columns.Select(column => column.Split('_')).GroupBy(parts => parts[0]);
        var sensors = byRoom.Select(
            (room, index) =>
                new SensorDescription(
                    (byte)(index + 1),
                    room.Key,
                    [.. room.Select(parts => new FieldDescription(parts[1], Unit(parts[2]), FieldType.Decimal, -2))]
                )
        );
        return new Catalog([.. sensors], []);
    }

    /// <summary>All of the data, sent in messages of so many rows.</summary>
    public static WireCost Measure(HouseData data, Catalog layout, int rowsPerMessage)
    {
        var writer = new WireWriter(ProtocolLimits.MessageBytes);
        var block = new RowBlock();
        long messages = 0;
        long bytes = 0;
        for (var from = 0; from < data.Times.Length; from += rowsPerMessage)
        {
            var rows = Math.Min(rowsPerMessage, data.Times.Length - from);
            Write(writer, block, data, layout, from, rows, (uint)++messages);
            bytes += Header(writer.Length) + writer.Length;
        }
        return new WireCost(rowsPerMessage, messages, (long)data.Times.Length * data.Columns.Length, bytes);
    }

    /// <summary>Header of a WebSocket frame from a client (RFC 6455, section 5.2): two bytes, a longer length, the mask.</summary>
    public static int Header(int payload) =>
        4
        + payload switch
        {
            < 126 => 2,
            <= 65535 => 4,
            _ => 10,
        };

    /// <summary>Writes a TELEMETRY of a run of rows.</summary>
    public static void Write(
        WireWriter writer,
        RowBlock block,
        HouseData data,
        Catalog layout,
        int from,
        int rows,
        uint sequence
    )
    {
        writer.Clear();
        var baseMs = data.Times[from];
        new TelemetryHeader(1, sequence, ClockKind.Unix, baseMs, layout.Sensors.Count).Write(writer);
        var column = 0;
        foreach (var sensor in layout.Sensors)
        {
            block.Reset(sensor, rows);
            data.Times.AsSpan(from, rows).CopyTo(block.Times);
            for (var field = 0; field < sensor.Fields.Length; field++, column++)
            {
                data.Hundredths[column].AsSpan(from, rows).CopyTo(block.Column(field));
                block.SetAllPresent(field);
            }
            BlockEncoder.Write(writer, block, baseMs);
        }
    }

    /// <summary>The unit that a column's name ends with.</summary>
    public static string Unit(string suffix) =>
        suffix switch
        {
            "cel" => "Cel",
            "pct" => "%RH",
            "hpa" => "hPa",
            "mps" => "m/s",
            _ => throw new InvalidDataException($"No unit is known for the suffix {suffix}."),
        };
}
