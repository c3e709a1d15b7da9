namespace IoTGateway.Hardware;

internal readonly record struct PinUse(string Role, int Gpio, string Needs);

/// <summary>What a composition may ask of a board's pins.</summary>
internal static class PinRules
{
    private const string Adc1 = "ADC1_CH";

    /// <summary>Every reason against it, in words for whoever chose the pins; empty when it is sound.</summary>
    public static IReadOnlyList<string> Problems(Board board, IEnumerable<PinUse> uses)
    {
        var problems = new List<string>();
        var taken = new Dictionary<int, string>();
        foreach (var use in uses)
        {
            if (!taken.TryAdd(use.Gpio, use.Role))
                problems.Add($"GPIO {use.Gpio} is both {taken[use.Gpio]} and {use.Role}");
            if (Problem(board, use) is { } problem)
                problems.Add($"{use.Role} on GPIO {use.Gpio}: {problem}");
        }

        return problems;
    }

    /// <summary>By that number the firmware opens it.</summary>
    public static int ChannelOfAdc1(Pin? pin) =>
        pin?.Adc is { } adc && adc.StartsWith(Adc1, StringComparison.Ordinal)
            ? int.Parse(adc[Adc1.Length..])
            : throw new ArgumentException($"GPIO {pin?.Gpio} is on no channel of ADC1", nameof(pin));

    private static string? Problem(Board board, PinUse use)
    {
        if (board.Find(use.Gpio) is not { } pin)
            return $"{board.Title} has no such pin";
        if (pin.Reserved is not null)
            return $"it belongs to {pin.Reserved}";
        if (pin.Strapping is not null)
            return $"it is a strapping pin ({pin.Strapping})";
        var name = pin.Gpio.ToString();
        if (!board.Headers.Left.Contains(name) && !board.Headers.Right.Contains(name))
            return "it is on no header";
        return use.Needs switch
        {
            "output" or "i2c" when pin.InputOnly => "it is an input only",
            "output" or "i2c" or "input" => null,
            "adc" when pin.Adc is null => "it has no ADC",
            "adc" when !pin.Adc.StartsWith(Adc1, StringComparison.Ordinal) => $"{pin.Adc} is Wi-Fi's while that is on",
            "adc" => null,
            _ => $"no pin is known to do '{use.Needs}'; there is output, input, i2c, adc",
        };
    }
}
