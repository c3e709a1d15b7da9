using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.Influx;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>
/// Writes a row as JSON: <c>{"time":1700000000123,"temperature":21.37}</c>, the same bytes for the same row always.
/// Decimals have exactly the device's digits. What every row of one sensor of one device shares is made once.
/// </summary>
internal sealed class RowTemplate
{
    private const string Time = "time";
    private static readonly byte[] Start = Encoding.UTF8.GetBytes($"{{\"{Time}\":");

    private readonly byte[][] _keys;

    public RowTemplate(string topic, SensorDescription sensor)
    {
        (Topic, Sensor) = (topic, sensor);
        _keys = new byte[sensor.Fields.Length][];
        LongestRow = Start.Length + 24;
        for (var field = 0; field < _keys.Length; field++)
        {
            _keys[field] = Encoding.UTF8.GetBytes($",{Quoted(sensor.Fields[field].Name)}:");
            LongestRow += _keys[field].Length + LineProtocolWriter.LongestValue;
        }
    }

    public string Topic { get; }

    public SensorDescription Sensor { get; }

    /// <summary>No row of this sensor is longer.</summary>
    public int LongestRow { get; }

    /// <summary>Writes one row.</summary>
    /// <param name="block">The rows, in Unix milliseconds.</param>
    /// <param name="row">Which one.</param>
    /// <param name="target">At least <see cref="LongestRow"/> bytes.</param>
    /// <param name="values">How many values the row has.</param>
    /// <returns>The bytes written; 0 for a row without values.</returns>
    public int Write(RowBlock block, int row, Span<byte> target, out int values)
    {
        values = 0;
        Start.CopyTo(target);
        var length = Start.Length;
        var fits = Utf8Formatter.TryFormat(block.Times[row], target[length..], out var digits);
        Debug.Assert(fits);
        length += digits;
        for (var field = 0; field < _keys.Length; field++)
        {
            if (!block.IsPresent(field, row))
                continue;
            values++;
            _keys[field].CopyTo(target[length..]);
            length += _keys[field].Length;
            length += LineProtocolWriter.WriteValue(Sensor.Fields[field], block.Raw(field, row), target[length..]);
        }
        target[length++] = (byte)'}';
        return values == 0 ? 0 : length;
    }

    /// <summary>A field of the name that the row's time has gets another: an object holds a name once.</summary>
    public static string KeyOf(string field) => field == Time ? "time_" : field;

    private static string Quoted(string name) =>
        $"\"{JsonEncodedText.Encode(KeyOf(name), JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
