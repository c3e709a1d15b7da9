using System.Text;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.Influx;

/// <summary>The parts of a line that every row of one sensor of one device shares, escaped once.</summary>
internal sealed class LineTemplate
{
    /// <summary>Makes the parts.</summary>
    public LineTemplate(string device, SensorDescription sensor)
    {
        Sensor = sensor;
        // A line that starts with # is a comment: the server would drop it and say nothing.
        var measurement = Escape(sensor.Measurement, ", ");
        if (measurement.StartsWith('#'))
            measurement = "\\" + measurement;
        Start = Encoding.UTF8.GetBytes($"{measurement},device={Escape(device, ",= ")} ");
        Keys = new byte[sensor.Fields.Length][];
        LongestLine = Start.Length + 32;
        for (var field = 0; field < Keys.Length; field++)
        {
            Keys[field] = Encoding.UTF8.GetBytes(Escape(sensor.Fields[field].Name, ",= ") + "=");
            LongestLine += Keys[field].Length + LineProtocolWriter.LongestValue + 1;
        }
    }

    public SensorDescription Sensor { get; }

    /// <summary>Measurement, tag, and the space before the fields.</summary>
    public byte[] Start { get; }

    /// <summary>Each field's key and its equals sign.</summary>
    public byte[][] Keys { get; }

    /// <summary>No line of this sensor is longer.</summary>
    public int LongestLine { get; }

    /// <summary>
    /// Line protocol escapes with a backslash and cannot escape the backslash itself: at the end of a name it would
    /// escape the delimiter that follows, so there it becomes an underscore. Line breaks cannot be written at all. A double quote
    /// is a name's character to InfluxDB, but VictoriaMetrics takes it for the start of a text, and drops the line
    /// with a 204: it becomes a single one.
    /// </summary>
    private static string Escape(string name, string special)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (special.Contains(c))
                text.Append('\\').Append(c);
            else if (char.IsControl(c))
                text.Append('_');
            else if (c == '"')
                text.Append('\'');
            else
                text.Append(c);
        }
        for (var last = text.Length - 1; last >= 0 && text[last] == '\\'; last--)
            text[last] = '_';
        return text.Length == 0 ? "_" : text.ToString();
    }
}
