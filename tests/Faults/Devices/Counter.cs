using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Faults.Devices;

/// <summary>What a light device measures: the number of the row. A row lost or doubled leaves a hole or a repetition.</summary>
internal static class Counter
{
    public const string Measurement = "counter";
    public const string Field = "n";

    private static readonly Catalog Catalog = new(
        [new SensorDescription(1, Measurement, [new FieldDescription(Field, "", FieldType.Decimal, 0)])],
        []
    );

    public static byte[] CatalogMessage { get; } = Bytes(Catalog.Write);

    public static uint CatalogHash { get; } = Catalog.HashOf(CatalogMessage);

    public static byte[] Hello(uint epoch) =>
        Bytes(
            new Hello(
                epoch,
                ClockKind.Unix,
                (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
                CatalogHash,
                4096,
                "faults",
                "light",
                0
            ).Write
        );

    /// <summary>Rows first, first + 1, …; each at its number of milliseconds after the base.</summary>
    public static byte[] Telemetry(uint epoch, uint sequence, long baseMs, long first, int rows)
    {
        var block = new RowBlock();
        block.Reset(Catalog.Sensors[0], rows);
        for (var row = 0; row < rows; row++)
        {
            block.Times[row] = baseMs + first + row;
            block.Set(0, row, first + row);
        }
        var header = new TelemetryHeader(epoch, sequence, ClockKind.Unix, baseMs, 1);
        return Bytes(writer =>
        {
            header.Write(writer);
            BlockEncoder.Write(writer, block, baseMs);
        });
    }

    private static byte[] Bytes(Action<WireWriter> write)
    {
        var writer = new WireWriter();
        write(writer);
        return writer.ToArray();
    }
}
