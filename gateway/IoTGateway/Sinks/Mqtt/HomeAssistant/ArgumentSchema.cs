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
internal sealed record Argument(string Name, string? Type, double Minimum, double Maximum)
{
    // Home Assistant would take 1 to 100 where it is told nothing.
    private const double Far = 1e9;

    public static Argument Of(JsonProperty property) =>
        property.Value.ValueKind != JsonValueKind.Object
            ? new Argument(property.Name, null, -Far, Far)
            : new Argument(
                property.Name,
                property.Value.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                    ? type.GetString()
                    : null,
                Number(property.Value, "minimum") ?? -Far,
                Number(property.Value, "maximum") ?? Far
            );

    private static double? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number
            ? number.GetDouble()
            : null;
}
