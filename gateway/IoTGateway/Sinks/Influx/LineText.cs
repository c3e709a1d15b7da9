using System.Globalization;
using System.Text;

namespace IoTGateway.Sinks.Influx;

/// <summary>Reads back what <see cref="LineProtocolWriter"/> wrote, for a person to look at.</summary>
/// <param name="Measurement">The sensor.</param>
/// <param name="UnixMs">The row's time.</param>
/// <param name="Fields">The values, as they stand in the line.</param>
internal sealed record LineText(string Measurement, long UnixMs, IReadOnlyDictionary<string, string> Fields)
{
    /// <summary>Null where the text is no such line.</summary>
    public static LineText? Parse(string line)
    {
        if (Split(line, ' ') is not [var series, var values, var time])
            return null;
        if (!long.TryParse(time, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var unixMs))
            return null;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in Split(values, ','))
        {
            if (Split(pair, '=') is not [var name, var value])
                return null;
            fields[Plain(name)] = value;
        }
        return new LineText(Plain(Split(series, ',')[0]), unixMs, fields);
    }

    /// <summary>Cuts at a character that no backslash stands before.</summary>
    private static List<string> Split(string text, char at)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != at || (i > 0 && text[i - 1] == '\\'))
                continue;
            parts.Add(text[start..i]);
            start = i + 1;
        }
        parts.Add(text[start..]);
        return parts;
    }

    private static string Plain(string name)
    {
        var plain = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var escapes = name[i] == '\\' && i + 1 < name.Length && ",= #".Contains(name[i + 1]);
            if (!escapes)
                plain.Append(name[i]);
        }
        return plain.ToString();
    }
}
