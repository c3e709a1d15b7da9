using System.Text.Json;

namespace IoTGateway.Sinks.Mqtt.HomeAssistant;

/// <summary>As much of a command's JSON Schema as an entity needs.</summary>
/// <param name="Arguments">Those it names.</param>
/// <param name="Required">How many must be given.</param>
internal sealed record ArgumentSchema(IReadOnlyList<Argument> Arguments, int Required)
{
    private static readonly ArgumentSchema None = new([], 0);

    /// <summary>Null where it is no schema of an object.</summary>
    public static ArgumentSchema? Of(string schema)
    {
        if (schema.Length == 0)
            return None;
        if (JsonText.Parse(schema) is not { ValueKind: JsonValueKind.Object } json)
            return null;
        var arguments = Object(json, "properties") is { } properties
            ? properties.EnumerateObject().Select(Argument.Of).ToArray()
            : [];
        var required = json.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array;
        return new ArgumentSchema(arguments, required ? names.GetArrayLength() : 0);
    }

    private static JsonElement? Object(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Object ? found : null;
}

/// <param name="Name">Its name.</param>
/// <param name="Type">The schema's word; null where it has none.</param>
/// <param name="Minimum">The least value.</param>
/// <param name="Maximum">The greatest value.</param>
/// <param name="Choices">The values of its <c>enum</c>, where these are all texts or all numbers; else empty.</param>
/// <param name="HasTextChoices">They are texts.</param>
internal sealed record Argument(
    string Name,
    string? Type,
    double Minimum,
    double Maximum,
    IReadOnlyList<string> Choices,
    bool HasTextChoices
)
{
    // Home Assistant would take 1 to 100 where it is told nothing.
    private const double Far = 1e9;

    /// <summary>Whether the name may stand in a template as it is.</summary>
    public bool IsPlain => Name.Length > 0 && Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    public static Argument Of(JsonProperty property)
    {
        var schema = property.Value;
        if (schema.ValueKind != JsonValueKind.Object)
            return new Argument(property.Name, null, -Far, Far, [], false);
        var (choices, areTexts) = ChoicesOf(schema);
        return new Argument(
            property.Name,
            schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                ? type.GetString()
                : null,
            Number(schema, "minimum") ?? -Far,
            Number(schema, "maximum") ?? Far,
            choices,
            areTexts
        );
    }

    private static (string[] Choices, bool AreTexts) ChoicesOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("enum", out var values) || values.ValueKind != JsonValueKind.Array)
            return ([], false);
        var all = values.EnumerateArray().ToArray();
        if (Array.TrueForAll(all, one => one.ValueKind == JsonValueKind.String))
            return ([.. all.Select(one => one.GetString()!)], true); // each is a string
        return Array.TrueForAll(all, one => one.ValueKind == JsonValueKind.Number)
            ? ([.. all.Select(one => one.GetRawText())], false)
            : ([], false);
    }

    private static double? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number
            ? number.GetDouble()
            : null;
}
