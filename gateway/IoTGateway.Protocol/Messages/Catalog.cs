namespace IoTGateway.Protocol.Messages;

/// <summary>How a field's values are written (PROTOCOL.md, "Catalog").</summary>
public enum FieldType : byte
{
    /// <summary>A 64-bit integer × 10^exponent.</summary>
    Decimal = 0,

    /// <summary>IEEE 754 single precision.</summary>
    Float32 = 1,

    /// <summary>True or false.</summary>
    Boolean = 2,
}

/// <summary>One value of a sensor.</summary>
/// <param name="Name">Unique within its sensor.</param>
/// <param name="Unit">From the SenML registry, such as <c>Cel</c> or <c>%RH</c>; may be empty.</param>
/// <param name="Type">How its values are written.</param>
/// <param name="Exponent">Of a decimal; 0 for the other types.</param>
public sealed record FieldDescription(string Name, string Unit, FieldType Type, sbyte Exponent);

/// <summary>One sensor: an InfluxDB measurement with its fields.</summary>
/// <param name="Id">The byte that starts its blocks.</param>
/// <param name="Measurement">Unique within its catalog.</param>
/// <param name="Fields">In the order of the block's columns; 1 to 32.</param>
public sealed record SensorDescription(byte Id, string Measurement, FieldDescription[] Fields);

/// <summary>A command the device knows.</summary>
/// <param name="Name">Unique within its catalog.</param>
/// <param name="Schema">JSON Schema of its arguments; may be empty.</param>
public sealed record CommandDescription(string Name, string Schema);

/// <summary>0x02 CATALOG: what the device measures and what it can be told.</summary>
public sealed class Catalog
{
    private readonly SensorDescription?[] _byId;

    /// <summary>Describes a device. The parts must fit the limits; see <see cref="TryRead"/>.</summary>
    public Catalog(SensorDescription[] sensors, CommandDescription[] commands)
    {
        Sensors = sensors;
        Commands = commands;
        _byId = new SensorDescription?[sensors.Length == 0 ? 0 : sensors.Max(sensor => sensor.Id) + 1];
        foreach (var sensor in sensors)
            _byId[sensor.Id] = sensor;
    }

    /// <summary>Its sensors, in the order sent.</summary>
    public IReadOnlyList<SensorDescription> Sensors { get; }

    /// <summary>Its commands, in the order sent.</summary>
    public IReadOnlyList<CommandDescription> Commands { get; }

    /// <summary>The sensor with this id, or null.</summary>
    public SensorDescription? Find(byte id) => id < _byId.Length ? _byId[id] : null;

    /// <summary>What HELLO calls <c>catalogHash</c>: the CRC-32 of the message without its type byte.</summary>
    public static uint HashOf(ReadOnlySpan<byte> message) => Crc32.Of(message.Length > 0 ? message[1..] : message);

    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Catalog catalog, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Catalog);
        var sensors = new SensorDescription[reader.Count(ProtocolLimits.Sensors)];
        for (var i = 0; i < sensors.Length && reader.Ok; i++)
        {
            sensors[i] = ReadSensor(ref reader);
            for (var other = 0; other < i; other++)
            {
                if (sensors[other].Id == sensors[i].Id || sensors[other].Measurement == sensors[i].Measurement)
                    reader.Fail(DecodeError.BadValue);
            }
        }
        var commands = new CommandDescription[reader.Count(ProtocolLimits.Commands)];
        for (var i = 0; i < commands.Length && reader.Ok; i++)
        {
            commands[i] = new CommandDescription(reader.Name(), reader.Text(ProtocolLimits.MessageBytes));
            for (var other = 0; other < i; other++)
            {
                if (commands[other].Name == commands[i].Name)
                    reader.Fail(DecodeError.BadValue);
            }
        }
        var ok = reader.Finish(out error);
        catalog = ok ? new Catalog(sensors, commands) : new Catalog([], []);
        return ok;
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Catalog);
        writer.Varint((ulong)Sensors.Count);
        foreach (var sensor in Sensors)
            WriteSensor(writer, sensor);
        writer.Varint((ulong)Commands.Count);
        foreach (var command in Commands)
        {
            writer.Text(command.Name);
            writer.Text(command.Schema);
        }
    }

    /// <summary>Reads one sensor's part of a catalog; a store keeps it beside the blocks it describes.</summary>
    public static SensorDescription ReadSensor(ref WireReader reader)
    {
        var id = reader.U8();
        var measurement = reader.Name();
        var fields = new FieldDescription[reader.Count(ProtocolLimits.Fields)];
        if (fields.Length == 0)
            reader.Fail(DecodeError.BadValue);
        for (var i = 0; i < fields.Length && reader.Ok; i++)
        {
            fields[i] = ReadField(ref reader);
            for (var other = 0; other < i; other++)
            {
                if (fields[other].Name == fields[i].Name)
                    reader.Fail(DecodeError.BadValue);
            }
        }
        return new SensorDescription(id, measurement, fields);
    }

    /// <summary>Writes one sensor's part of a catalog.</summary>
    public static void WriteSensor(WireWriter writer, SensorDescription sensor)
    {
        writer.U8(sensor.Id);
        writer.Text(sensor.Measurement);
        writer.Varint((ulong)sensor.Fields.Length);
        foreach (var field in sensor.Fields)
        {
            writer.Text(field.Name);
            writer.Text(field.Unit);
            writer.U8((byte)field.Type);
            writer.U8((byte)field.Exponent);
        }
    }

    private static FieldDescription ReadField(ref WireReader reader)
    {
        var name = reader.Name();
        var unit = reader.Label(ProtocolLimits.UnitBytes);
        var type = (FieldType)reader.Within(0, 2);
        var exponent = (sbyte)reader.U8();
        var limit = type == FieldType.Decimal ? ProtocolLimits.Exponent : 0;
        if (exponent < -limit || exponent > limit)
            reader.Fail(DecodeError.BadValue);
        return new FieldDescription(name, unit, type, exponent);
    }
}
