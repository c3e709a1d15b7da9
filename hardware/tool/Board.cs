using System.Text.Json;

namespace IoTGateway.Hardware;

/// <summary>A file of <c>boards/</c>: what each pin may do, and where it is on the headers.</summary>
internal sealed record Board(
    string Name,
    [property: System.Text.Json.Serialization.JsonPropertyName("board")] string Title,
    string Module,
    I2cPins I2c,
    Headers Headers,
    IReadOnlyList<Pin> Pins
)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<Board> All(string hardware) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(hardware, "boards"), "*.json")
                .Order(StringComparer.Ordinal)
                .Select(Read),
        ];

    public Pin? Find(int gpio) => Pins.FirstOrDefault(p => p.Gpio == gpio);

    private static Board Read(string file) =>
        JsonSerializer.Deserialize<Board>(File.ReadAllText(file), Json)
        ?? throw new InvalidDataException($"{file} is empty");
}

internal sealed record I2cPins(int Data, int Clock);

/// <summary>From the antenna's end to the USB socket: GPIO numbers, or the names of what is no GPIO.</summary>
internal sealed record Headers(IReadOnlyList<string> Left, IReadOnlyList<string> Right);

/// <param name="Gpio">As the firmware numbers it.</param>
/// <param name="Label">As it is printed on the board, where that is not the number.</param>
/// <param name="InputOnly">No output, no pull-up.</param>
/// <param name="Adc">ADC1_CHn; ADC2_CHn cannot be read while Wi-Fi is on.</param>
/// <param name="Strapping">What its level at reset decides; null when it decides nothing.</param>
/// <param name="Reserved">What the module or the board needs it for.</param>
/// <param name="Note">What to know besides.</param>
internal sealed record Pin(
    int Gpio,
    string? Label = null,
    bool InputOnly = false,
    string? Adc = null,
    string? Strapping = null,
    string? Reserved = null,
    string? Note = null
);
