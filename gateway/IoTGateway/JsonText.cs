using System.Text.Encodings.Web;
using System.Text.Json;

namespace IoTGateway;

/// <summary>
/// JSON of others. It may be valid and yet hold what no string can, half of a surrogate pair, escaped: reading it throws,
/// and so does writing it into an answer, which it would spoil for all others in there.
/// </summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Null where it is not JSON, or cannot be read to its end.</summary>
    public static JsonElement? Parse(string? text)
    {
        if (text is null)
            return null;
        try
        {
            var element = JsonElement.Parse(text);
            return Compact(element) is null ? null : element;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Without blanks, its strings as they are meant; null where one of them cannot be read.</summary>
    public static string? Compact(JsonElement element)
    {
        try
        {
            return JsonSerializer.Serialize(element, Plain);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
