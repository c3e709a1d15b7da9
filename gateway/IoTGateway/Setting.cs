namespace IoTGateway;

/// <summary>Checks of settings; the error names the setting, its value and what is allowed.</summary>
internal static class Setting
{
    /// <summary>The errors among some checks.</summary>
    public static IEnumerable<string> Check(params IEnumerable<string?> errors) => errors.OfType<string>();

    /// <summary>An error where a number is outside its range.</summary>
    public static string? Range(string name, long value, long low, long high) =>
        value >= low && value <= high ? null : $"{name} is {value}: allowed is {low} to {high}.";

    /// <summary>An error where a number is too small.</summary>
    public static string? AtLeast(string name, long value, long low) =>
        value >= low ? null : $"{name} is {value}: allowed is {low} or more.";

    /// <summary>An error where a condition does not hold.</summary>
    public static string? That(bool holds, string error) => holds ? null : error;
}
