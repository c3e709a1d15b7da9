using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Dashboard.Device;

/// <summary>How a field of a command's form is filled in.</summary>
public enum ArgumentKind
{
    Text,
    Number,
    Whole,
    YesNo,
    Choice,
    Json,
}

/// <summary>One argument of a command.</summary>
/// <param name="Name">In the arguments; empty where the form holds them whole.</param>
/// <param name="Kind">How it is filled in.</param>
/// <param name="IsRequired">The device asks for it.</param>
/// <param name="Low">Least number; null for none.</param>
/// <param name="High">Greatest number; null for none.</param>
/// <param name="Choices">What may be chosen.</param>
/// <param name="Hint">What the device says of it.</param>
public sealed record Argument(
    string Name,
    ArgumentKind Kind,
    bool IsRequired,
    double? Low,
    double? High,
    IReadOnlyList<string> Choices,
    string? Hint
);

/// <summary>A command that a device says it has, as a form made from the JSON Schema of its arguments.</summary>
/// <param name="Name">The command.</param>
/// <param name="Arguments">None: a button is all it takes.</param>
public sealed record CommandForm(string Name, IReadOnlyList<Argument> Arguments)
{
    /// <summary>Name of a form's field for an argument.</summary>
    public static string FieldOf(Argument argument) => $"arg.{argument.Name}";

    internal static CommandForm Of(CommandDescription command) => new(command.Name, ArgumentsOf(command.Schema));

    /// <summary>The arguments as a form has them; null where they cannot be read, and why.</summary>
    internal string? Read(IFormCollection form, out string? problem)
    {
        var arguments = new JsonObject();
        problem = null;
        foreach (var argument in Arguments)
        {
            var text = form[FieldOf(argument)].ToString();
            if (argument.Kind == ArgumentKind.Json)
                return ReadWhole(text, out problem);
            if (text.Length == 0 && argument.Kind != ArgumentKind.YesNo && !argument.IsRequired)
                continue;
            if (!TryRead(argument, text, out var value))
            {
                problem = $"“{text}” is nothing for '{argument.Name}'.";
                return null;
            }
            arguments[argument.Name] = value;
        }
        return arguments.Count == 0 ? string.Empty : arguments.ToJsonString();
    }

    private static string? ReadWhole(string text, out string? problem)
    {
        problem = null;
        if (string.IsNullOrWhiteSpace(text))
            return string.Empty;
        try
        {
            if (JsonNode.Parse(text) is JsonObject whole)
                return whole.ToJsonString();
        }
        catch (JsonException)
        {
            // Said below.
        }
        problem = """The arguments are a JSON object, such as {"on":true}.""";
        return null;
    }

    private static bool TryRead(Argument argument, string text, out JsonNode? value)
    {
        value = null;
        switch (argument.Kind)
        {
            case ArgumentKind.YesNo:
                value = text == "true";
                return true;
            case ArgumentKind.Whole:
                if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
                    return false;
                value = whole;
                return IsWithin(argument, whole);
            case ArgumentKind.Number:
                if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                    return false;
                value = number;
                return double.IsFinite(number) && IsWithin(argument, number);
            case ArgumentKind.Choice:
                value = text;
                return argument.Choices.Contains(text);
            default:
                value = text;
                return true;
        }
    }

    private static bool IsWithin(Argument argument, double value) =>
        !(value < argument.Low) && !(value > argument.High);

    /// <summary>What the schema says, as far as a form can: anything beyond is left to whoever writes JSON, and to the device.</summary>
    private static Argument[] ArgumentsOf(string schema)
    {
        if (schema.Length == 0)
            return [Whole];
        try
        {
            var root = JsonElement.Parse(schema);
            if (!root.TryGetProperty("properties", out var properties))
                return root.TryGetProperty("maxProperties", out var most) && most.GetInt32() == 0 ? [] : [Whole];
            string?[] required = root.TryGetProperty("required", out var names)
                ? [.. names.EnumerateArray().Select(name => name.GetString())]
                : [];
            Argument[] all =
            [
                .. properties.EnumerateObject().Select(one => Of(one.Name, one.Value, required.Contains(one.Name))),
            ];
            return Array.Exists(all, argument => argument.Kind == ArgumentKind.Json) ? [Whole] : all;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return [Whole];
        }
    }

    private static readonly Argument Whole = new(string.Empty, ArgumentKind.Json, false, null, null, [], null);

    private static Argument Of(string name, JsonElement schema, bool isRequired)
    {
        string[] choices = schema.TryGetProperty("enum", out var listed)
            ?
            [
                .. listed
                    .EnumerateArray()
                    .Where(one => one.ValueKind == JsonValueKind.String)
                    .Select(one => one.GetString()!),
            ] // a string
            : [];
        var type = schema.TryGetProperty("type", out var named) ? named.GetString() : null;
        var kind =
            choices.Length > 0
                ? ArgumentKind.Choice
                : type switch
                {
                    "boolean" => ArgumentKind.YesNo,
                    "integer" => ArgumentKind.Whole,
                    "number" => ArgumentKind.Number,
                    "string" => ArgumentKind.Text,
                    _ => ArgumentKind.Json,
                };
        return new Argument(
            name,
            kind,
            isRequired,
            Number(schema, "minimum"),
            Number(schema, "maximum"),
            choices,
            schema.TryGetProperty("description", out var hint) ? hint.GetString() : null
        );
    }

    private static double? Number(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number
            ? number.GetDouble()
            : null;
}
