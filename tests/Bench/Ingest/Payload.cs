using System.Globalization;
using System.Text;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Bench.Ingest;

/// <summary>
/// What each device sends, the same rows to every server: 4 rows of 4 fields, 16 readings a message, values that walk
/// as sensors do.
/// </summary>
internal static class Payload
{
    public const int RowsPerMessage = 4;
    public const int FieldsPerRow = 4;
    public const int ReadingsPerMessage = RowsPerMessage * FieldsPerRow;

    /// <summary>Milliseconds between two rows of a device: slow enough for a message's time, quick enough never to repeat.</summary>
    public const int RowIntervalMs = 1;

    private const string Measurement = "room";
    private static readonly string[] Fields = ["temperature", "humidity", "pressure", "light"];

    public static Catalog Catalog { get; } =
        new(
            [
                new SensorDescription(
                    1,
                    Measurement,
                    [.. Fields.Select(name => new FieldDescription(name, "", FieldType.Decimal, -2))]
                ),
            ],
            []
        );

    /// <summary>A TELEMETRY of <c>iotgw.v1</c> in epoch 1.</summary>
    public static byte[] Telemetry(uint sequence, long firstMs)
    {
        var block = new RowBlock();
        block.Reset(Catalog.Sensors[0], RowsPerMessage);
        for (var row = 0; row < RowsPerMessage; row++)
        {
            block.Times[row] = firstMs + (row * RowIntervalMs);
            for (var field = 0; field < FieldsPerRow; field++)
                block.Set(field, row, Value(field, sequence, row));
        }
        var writer = new WireWriter();
        new TelemetryHeader(1, sequence, ClockKind.Unix, firstMs, 1).Write(writer);
        BlockEncoder.Write(writer, block, firstMs);
        return writer.ToArray();
    }

    /// <summary>The same rows as JSON, columns together, as a device would send them that speaks no protocol of its own.</summary>
    public static byte[] Json(string device, uint sequence, long firstMs)
    {
        var columns = Enumerable
            .Range(0, FieldsPerRow)
            .Select(field =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"\"{Fields[field]}\":[{string.Join(',', Rows().Select(row => Decimal(field, sequence, row)))}]"
                )
            );
        return Encoding.ASCII.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"device\":\"{device}\",\"time\":{firstMs},\"step\":{RowIntervalMs},\"values\":{{{string.Join(',', columns)}}}}}"
            )
        );
    }

    private static IEnumerable<int> Rows() => Enumerable.Range(0, RowsPerMessage);

    private static string Decimal(int field, uint sequence, int row) =>
        (Value(field, sequence, row) / 100m).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>In hundredths.</summary>
    private static long Value(int field, uint sequence, int row)
    {
        var step = (sequence * RowsPerMessage) + row;
        return field switch
        {
            0 => 2150 + (step / 7 % 40),
            1 => 4500 + (step / 3 % 90),
            2 => 101_300 + (step % 25),
            _ => 12_000 + (step * 37 % 800),
        };
    }
}
