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

    /// <summary>The integer for an exponent that holds all digits; false where 64 bits do not hold it.</summary>
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
        if (value != decimal.Truncate(value) || value < long.MinValue || value > long.MaxValue)
            return false;
        integer = (long)value;
        return true;
    }
}
