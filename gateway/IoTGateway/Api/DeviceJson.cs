using System.Text.Json;

namespace IoTGateway.Api;

/// <summary>What a device says is JSON by contract; what is not stands as a string.</summary>
internal static class DeviceJson
{
    /// <summary>Null for nothing.</summary>
    public static JsonElement? Parse(string text)
    {
        if (text.Length == 0)
            return null;
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
