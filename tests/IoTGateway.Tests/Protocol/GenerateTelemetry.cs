using FsCheck;
using FsCheck.Fluent;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Tests.Protocol;

/// <summary>A TELEMETRY with the catalog it is read by, and the rows that went into it.</summary>
internal sealed record TelemetryCase(Catalog Catalog, TelemetryHeader Header, RowBlock[] Blocks)
{
    public byte[] Encode()
    {
        var writer = new WireWriter();
        Header.Write(writer);
        foreach (var block in Blocks)
            BlockEncoder.Write(writer, block, Header.BaseMs);
        return writer.ToArray();
    }

    public override string ToString() => Convert.ToHexStringLower(Encode());
}

/// <summary>Random catalogs, and random rows of their sensors.</summary>
internal static class GenerateTelemetry
{
    /// <summary>Steps of a millisecond to a year: any number of rows stays far from the end of time.</summary>
    private const long LargestStep = 31_536_000_000;

    private static readonly Gen<FieldDescription> Field =
        from name in Generate.Name
        from unit in Generate.Unit
        from type in Gen.Elements(FieldType.Decimal, FieldType.Float32, FieldType.Boolean)
        from exponent in Gen.Choose(-ProtocolLimits.Exponent, ProtocolLimits.Exponent)
        select new FieldDescription(name, unit, type, type == FieldType.Decimal ? (sbyte)exponent : (sbyte)0);

    private static readonly Gen<SensorDescription> Sensor =
        from id in Generate.U8
        from measurement in Generate.Name
        from count in Gen.Choose(1, 6)
        from fields in Gen.ArrayOf(Field, count)
        select new SensorDescription(id, measurement, [.. fields.DistinctBy(field => field.Name)]);

    private static readonly Gen<CommandDescription> Command =
        from name in Generate.Name
        from schema in Generate.Text
        select new CommandDescription(name, schema);

    public static readonly Gen<Catalog> Catalog =
        from count in Gen.Choose(1, 5)
        from sensors in Gen.ArrayOf(Sensor, count)
        from commandCount in Gen.Choose(0, 3)
        from commands in Gen.ArrayOf(Command, commandCount)
        select new Catalog(
            [.. sensors.DistinctBy(sensor => sensor.Id).DistinctBy(sensor => sensor.Measurement)],
            [.. commands.DistinctBy(command => command.Name)]
        );

    public static readonly Gen<TelemetryCase> Telemetry =
        from catalog in Catalog
        from epoch in Generate.Positive
        from sequence in Generate.Positive
        from clock in Generate.Clock
        from baseMs in Gen.Choose(0, 2_000_000_000).Select(seconds => seconds * 1000L)
        from count in Gen.Choose(1, 4)
        from blocks in Gen.ArrayOf(
            Gen.Elements(catalog.Sensors.ToArray()).SelectMany(sensor => Block(sensor, baseMs)),
            count
        )
        select new TelemetryCase(catalog, new TelemetryHeader(epoch, sequence, clock, baseMs, count), blocks);

    private static Gen<RowBlock> Block(SensorDescription sensor, long baseMs) =>
        from rows in Gen.OneOf(Gen.Choose(1, 3), Gen.Choose(1, 130))
        from first in Step
        from gaps in Gen.OneOf(Step.Select(step => Enumerable.Repeat(step, rows).ToArray()), Gen.ArrayOf(Step, rows))
        from columns in Columns(sensor, rows)
        select Fill(sensor, baseMs + first, gaps, columns);

    private static Gen<long> Step =>
        Gen.OneOf(Gen.Elements(0L, 1L, 60_000L), Generate.U64.Select(bits => (long)(bits % LargestStep)));

    private static Gen<long?[][]> Columns(SensorDescription sensor, int rows) =>
        Gen.CollectToArray(sensor.Fields, field => Column(field.Type, rows));

    private static Gen<long?[]> Column(FieldType type, int rows) =>
        from missing in Gen.Elements(0, 0, 20, 90, 100)
        from constant in Gen.Choose(0, 3)
        from values in Gen.ArrayOf(Raw(type), rows)
        from chances in Gen.ArrayOf(Gen.Choose(0, 99), rows)
        select values
            .Select(
                (value, row) =>
                    chances[row] < missing ? (long?)null
                    : constant == 0 ? values[0]
                    : value
            )
            .ToArray();

    private static Gen<long> Raw(FieldType type) =>
        type switch
        {
            FieldType.Decimal => Generate.Integer,
            FieldType.Boolean => Gen.Elements(0L, 1L),
            _ => Generate
                .U32.Select(bits => BitConverter.UInt32BitsToSingle(bits))
                .Select(value => FieldValue.FromSingle(float.IsFinite(value) ? value : -0f)),
        };

    private static RowBlock Fill(SensorDescription sensor, long time, long[] gaps, long?[][] columns)
    {
        var block = new RowBlock();
        block.Reset(sensor, gaps.Length);
        for (var row = 0; row < gaps.Length; time += gaps[row], row++)
        {
            block.Times[row] = time;
            for (var field = 0; field < columns.Length; field++)
            {
                if (columns[field][row] is { } raw)
                    block.Set(field, row, raw);
            }
        }
        return block;
    }
}
