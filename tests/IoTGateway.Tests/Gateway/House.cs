using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Tests.Gateway;

/// <summary>The device that the tests play: one climate sensor, two commands.</summary>
internal static class House
{
    public static readonly Catalog Catalog = new(
        [
            new SensorDescription(
                1,
                "climate",
                [
                    new FieldDescription("temperature", "Cel", FieldType.Decimal, -2),
                    new FieldDescription("door", "", FieldType.Boolean, 0),
                ]
            ),
        ],
        [new CommandDescription("light", ""), new CommandDescription("reboot", "")]
    );

    public static readonly uint CatalogHash = Catalog.HashOf(Bytes(Catalog.Write));

    /// <summary>A full second an hour ago, for tests to count from: within the history's retention, and not in the future.</summary>
    public static readonly long Noon = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 3600) * 1000;

    public static Hello Hello(uint epoch) =>
        new(epoch, ClockKind.Unix, (ulong)Noon, CatalogHash, 4096, "test 1.0", "test-board", 0);

    /// <summary>A TELEMETRY with one row for each temperature, a second apart.</summary>
    public static byte[] Telemetry(uint epoch, uint sequence, long firstMs, params ReadOnlySpan<double> temperatures) =>
        Telemetry(new TelemetryHeader(epoch, sequence, ClockKind.Unix, firstMs, 1), temperatures);

    public static byte[] Telemetry(TelemetryHeader header, params ReadOnlySpan<double> temperatures)
    {
        var block = new RowBlock();
        block.Reset(Catalog.Sensors[0], temperatures.Length);
        for (var row = 0; row < temperatures.Length; row++)
        {
            block.Times[row] = header.BaseMs + (row * 1000);
            block.Set(0, row, (long)Math.Round(temperatures[row] * 100));
            block.Set(1, row, row & 1);
        }
        var writer = new WireWriter();
        header.Write(writer);
        BlockEncoder.Write(writer, block, header.BaseMs);
        return writer.ToArray();
    }

    public static byte[] Bytes(Action<WireWriter> write)
    {
        var writer = new WireWriter();
        write(writer);
        return writer.ToArray();
    }
}
