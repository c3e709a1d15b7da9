using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links.Senml;

/// <summary>
/// SenML describes itself with every pack; the journal wants a catalog. This one grows with the names and the digits
/// that come, and shrinks only where 64 bits would not hold a value otherwise, so that it soon stands still.
/// </summary>
internal sealed class SenmlCatalog(Catalog start)
{
    private readonly List<SensorDescription> _sensors = [.. start.Sensors];
    private readonly Dictionary<(string Measurement, string Field), int> _magnitudes = [];
    private readonly CommandDescription[] _commands = [.. start.Commands];

    /// <summary>True after something was added since the last <see cref="Build"/>.</summary>
    public bool Changed { get; private set; }

    public Catalog Build()
    {
        Changed = false;
        return new Catalog([.. _sensors], _commands);
    }

    /// <summary>Makes room for a value.</summary>
    /// <returns>Why that cannot be; null where it can.</returns>
    public string? Admit(SenmlRecord record)
    {
        var at = _sensors.FindIndex(sensor => sensor.Measurement == record.Measurement);
        var type = record.Truth is null ? FieldType.Decimal : FieldType.Boolean;
        if (record.Number is { } tiny && tiny != 0 && decimal.Round(tiny, ProtocolLimits.Exponent) == 0)
            return $"'{record.Measurement}/{record.Field}' begins more than {ProtocolLimits.Exponent} digits behind the point";
        var exponent = record.Number is { } number ? -DecimalDigits.Scale(number) : 0;
        var field = new FieldDescription(
            record.Field,
            record.Unit,
            type,
            (sbyte)(record.Truth is null ? Math.Max(exponent, Finest(record)) : 0)
        );
        return at < 0 ? AddSensor(record.Measurement, field) : AddField(at, field);
    }

    /// <summary>
    /// The finest exponent under which 64 bits still hold the largest value that came: a field that has once seen many
    /// digits must take large values all the same, with fewer.
    /// </summary>
    private int Finest(SenmlRecord record)
    {
        var key = (record.Measurement, record.Field);
        var magnitude = Math.Max(0, record.Number is { } number ? DecimalDigits.Magnitude(number) : 0);
        _magnitudes[key] = magnitude = Math.Max(magnitude, _magnitudes.GetValueOrDefault(key));
        return magnitude - ProtocolLimits.Exponent;
    }

    private string? AddSensor(string measurement, FieldDescription field)
    {
        if (_sensors.Count == ProtocolLimits.Sensors)
            return $"'{measurement}' would be more than {ProtocolLimits.Sensors} measurements";
        var id = Enumerable.Range(0, 256).First(id => _sensors.TrueForAll(sensor => sensor.Id != id));
        _sensors.Add(new SensorDescription((byte)id, measurement, [field]));
        Changed = true;
        return null;
    }

    private string? AddField(int at, FieldDescription field)
    {
        var sensor = _sensors[at];
        var index = Array.FindIndex(sensor.Fields, known => known.Name == field.Name);
        if (index < 0)
        {
            if (sensor.Fields.Length == ProtocolLimits.Fields)
                return $"'{sensor.Measurement}/{field.Name}' would be more than {ProtocolLimits.Fields} fields";
            _sensors[at] = sensor with { Fields = [.. sensor.Fields, field] };
            Changed = true;
            return null;
        }
        var known = sensor.Fields[index];
        if (known.Type != field.Type)
            return $"'{sensor.Measurement}/{field.Name}' was {known.Type} before: a field keeps its type";
        var finest = _magnitudes.GetValueOrDefault((sensor.Measurement, field.Name)) - ProtocolLimits.Exponent;
        var exponent = (sbyte)Math.Max(Math.Min(known.Exponent, field.Exponent), finest);
        if (exponent == known.Exponent && known.Unit == field.Unit)
            return null;
        FieldDescription[] fields = [.. sensor.Fields];
        fields[index] = field with { Exponent = exponent };
        _sensors[at] = sensor with { Fields = fields };
        Changed = true;
        return null;
    }
}
