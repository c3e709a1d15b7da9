namespace IoTGateway.VirtualDevice;

/// <summary>A row as the firmware sent it: what is stored at the end of the line must equal it, value by value.</summary>
/// <param name="Measurement">The sensor.</param>
/// <param name="TimeMs">Unix milliseconds, or milliseconds since boot where the clock was not set.</param>
/// <param name="IsUnixTime">Which of the two.</param>
/// <param name="Epoch">The boot that sealed it.</param>
/// <param name="Sequence">The message it went into; 0 for a row that the power cut left without one.</param>
/// <param name="Readings">The fields that were present, in catalog order.</param>
public sealed record VirtualRow(
    string Measurement,
    long TimeMs,
    bool IsUnixTime,
    uint Epoch,
    uint Sequence,
    IReadOnlyList<VirtualReading> Readings
);

#pragma warning disable CA1720 // The protocol's own names for its types.
public enum VirtualFieldType
{
    Decimal = 0,
    Float32 = 1,
    Boolean = 2,
}
#pragma warning restore CA1720

/// <summary>One value. <paramref name="Raw"/> is the decimal's integer, the float's bits, or 0 and 1.</summary>
public readonly record struct VirtualReading(string Field, VirtualFieldType Type, long Raw, int Exponent)
{
    public bool AsBoolean => Raw != 0;

    public float AsSingle => BitConverter.Int32BitsToSingle(unchecked((int)Raw));

    /// <summary>Raw × 10^Exponent, exactly.</summary>
    public decimal AsDecimal
    {
        get
        {
            decimal value = Raw;
            for (var i = 0; i < Exponent; i++)
                value *= 10;
            return Exponent < 0 ? value * new decimal(1, 0, 0, false, (byte)-Exponent) : value;
        }
    }
}
