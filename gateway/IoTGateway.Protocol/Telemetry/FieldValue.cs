using System.Buffers.Text;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Protocol.Telemetry;

/// <summary>What a raw value of a <see cref="RowBlock"/> means.</summary>
public static class FieldValue
{
    /// <summary>10^0 … 10^18, each exact in a double.</summary>
    private static readonly double[] PowersOfTen =
    [
        1e0,
        1e1,
        1e2,
        1e3,
        1e4,
        1e5,
        1e6,
        1e7,
        1e8,
        1e9,
        1e10,
        1e11,
        1e12,
        1e13,
        1e14,
        1e15,
        1e16,
        1e17,
        1e18,
    ];

    /// <summary>
    /// The value as a number; true is 1. A decimal of up to 15 digits is the double nearest to it: 2137 × 10^-2 is 21.37.
    /// </summary>
    public static double ToDouble(FieldDescription field, long raw) =>
        field.Type switch
        {
            FieldType.Float32 => Shortest(BitConverter.Int32BitsToSingle((int)raw)),
            FieldType.Decimal when field.Exponent < 0 => raw / PowersOfTen[-field.Exponent],
            FieldType.Decimal => raw * PowersOfTen[field.Exponent],
            _ => raw,
        };

    /// <summary>The double with the float's own shortest digits: 21.37 stays 21.37, and is not 21.3700008392334.</summary>
    private static double Shortest(float value)
    {
        Span<byte> text = stackalloc byte[32];
        return
            Utf8Formatter.TryFormat(value, text, out var count)
            && Utf8Parser.TryParse(text[..count], out double wide, out _)
            ? wide
            : value;
    }

    /// <summary>The raw value of a float32.</summary>
    public static long FromSingle(float value) => BitConverter.SingleToInt32Bits(value);
}
