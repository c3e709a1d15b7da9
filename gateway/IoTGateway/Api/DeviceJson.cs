using System.Text.Json;

namespace IoTGateway.Api;

/// <summary>What a device says is JSON by contract; what is not stands as a string.</summary>
internal static class DeviceJson
{
    /// <summary>Null for nothing.</summary>
    public static JsonElement? Parse(string text) =>
        text.Length == 0 ? null : JsonText.Parse(text) ?? JsonSerializer.SerializeToElement(text);
}
