using System.Buffers.Text;
using System.Diagnostics;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.Influx;

/// <summary>
/// Writes rows as InfluxDB line protocol, straight to UTF-8: one line per row, the same bytes for the same row always,
/// so that writing a row twice changes nothing. Numbers are always floats: the type of a field never depends on a
/// value. A row without values has no line.
/// </summary>
internal static class LineProtocolWriter
{
    /// <summary>A sign, 19 digits, 18 zeros; a float32 is shorter.</summary>
    public const int LongestValue = 40;

    /// <summary>Writes one row's line with its line feed.</summary>
    /// <param name="template">The sensor's and device's part.</param>
    /// <param name="block">The rows, in Unix milliseconds.</param>
    /// <param name="row">Which one.</param>
    /// <param name="target">At least <see cref="LineTemplate.LongestLine"/> bytes.</param>
    /// <param name="values">How many values the row has.</param>
    /// <returns>The bytes written; 0 for a row without values.</returns>
    public static int Write(LineTemplate template, RowBlock block, int row, Span<byte> target, out int values)
    {
        values = 0;
        template.Start.CopyTo(target);
        var length = template.Start.Length;
        var fields = template.Sensor.Fields;
        for (var field = 0; field < fields.Length; field++)
        {
            if (!block.IsPresent(field, row))
                continue;
            if (values++ > 0)
                target[length++] = (byte)',';
            var key = template.Keys[field];
            key.CopyTo(target[length..]);
            length += key.Length;
            length += WriteValue(fields[field], block.Raw(field, row), target[length..]);
        }
        if (values == 0)
            return 0;
        target[length++] = (byte)' ';
        length += WriteInteger(block.Times[row], target[length..]);
        target[length++] = (byte)'\n';
        return length;
    }

    /// <summary>Writes one value, at most <see cref="LongestValue"/> bytes; what it writes is JSON as well.</summary>
    public static int WriteValue(FieldDescription field, long raw, Span<byte> target) =>
        field.Type switch
        {
            FieldType.Decimal => WriteDecimal(raw, field.Exponent, target),
            FieldType.Float32 => WriteSingle(BitConverter.Int32BitsToSingle((int)raw), target),
            _ => WriteText(raw != 0 ? "true"u8 : "false"u8, target),
        };

    /// <summary>raw × 10^exponent, exactly: 2137 and -2 give 21.37.</summary>
    private static int WriteDecimal(long raw, int exponent, Span<byte> target)
    {
        if (raw == 0)
            exponent = 0;
        if (exponent >= 0)
        {
            var digits = WriteInteger(raw, target);
            target.Slice(digits, exponent).Fill((byte)'0');
            return digits + exponent;
        }
        var start = 0;
        if (raw < 0)
            target[start++] = (byte)'-';
        // The magnitude of the lowest long does not fit a long, but an ulong.
        var magnitude = raw < 0 ? 0 - (ulong)raw : (ulong)raw;
        // Backwards from the last digit; at least one stands before the point.
        var length = start + Math.Max(DigitsOf(magnitude), 1 - exponent) + 1;
        var at = length;
        for (var place = exponent; place < 0; place++)
            target[--at] = NextDigit(ref magnitude);
        target[--at] = (byte)'.';
        while (at > start)
            target[--at] = NextDigit(ref magnitude);
        return length;
    }

    private static byte NextDigit(ref ulong rest)
    {
        var before = rest;
        rest /= 10;
        return (byte)('0' + (before - (rest * 10)));
    }

    private static int DigitsOf(ulong value)
    {
        var digits = 1;
        for (ulong limit = 10; value >= limit; limit *= 10)
        {
            // There is no greater power of ten.
            if (++digits == 20)
                break;
        }
        return digits;
    }

    /// <summary>The shortest digits that read back as the same float32.</summary>
    private static int WriteSingle(float value, Span<byte> target)
    {
        var written = value.TryFormat(target, out var length, "R");
        Debug.Assert(written);
        return length;
    }

    private static int WriteInteger(long value, Span<byte> target)
    {
        var written = Utf8Formatter.TryFormat(value, target, out var length);
        Debug.Assert(written);
        return length;
    }

    private static int WriteText(ReadOnlySpan<byte> text, Span<byte> target)
    {
        text.CopyTo(target);
        return text.Length;
    }
}
