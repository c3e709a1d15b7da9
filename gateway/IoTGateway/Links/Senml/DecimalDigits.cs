namespace IoTGateway.Links.Senml;

/// <summary>A decimal as integer × 10^exponent, without loss.</summary>
internal static class DecimalDigits
{
    /// <summary>Digits behind the point, trailing zeros not counted.</summary>
    public static int Scale(decimal value)
    {
        // Dividing by one with 28 zeros takes the trailing zeros off.
        var bare = value / 1.0000000000000000000000000000m;
        return bare.Scale;
    }

    /// <summary>Digits that a double keeps.</summary>
    private const int OfDouble = 15;

    /// <summary>Digits before the point; 0 or less for a fraction, by its zeros behind the point.</summary>
    public static int Magnitude(decimal value) =>
        value == 0 ? 0 : (int)Math.Floor(Math.Log10((double)Math.Abs(value))) + 1;

    /// <summary>
    /// Without the digits that only binary fractions bring: scripts write 0.30000000000000004 and mean 0.3. The history
    /// answers doubles anyway.
    /// </summary>
    public static decimal AsDouble(decimal value)
    {
        var behind = OfDouble - Magnitude(value);
        return behind is >= 0 and <= 28 ? decimal.Round(value, behind) : value;
    }

    /// <summary>The integer for an exponent, rounded to it; false where 64 bits do not hold it.</summary>
    public static bool TryShift(decimal value, int exponent, out long integer)
    {
        integer = 0;
        try
        {
            for (; exponent < 0; exponent++)
                value *= 10;
            for (; exponent > 0; exponent--)
                value /= 10;
        }
        catch (OverflowException)
        {
            return false;
        }
        value = decimal.Round(value);
        if (value < long.MinValue || value > long.MaxValue)
            return false;
        integer = (long)value;
        return true;
    }
}
