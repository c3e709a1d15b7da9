using System.Text.Json;

namespace IoTGateway.Devices;

/// <summary>One setting that is not as it is wished.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Desired">What is wished.</param>
/// <param name="Reported">What the device applies; null where it says nothing of it.</param>
/// <param name="Reason">Why, as the device says it; null where it does not say.</param>
internal sealed record SettingDrift(string Key, JsonElement Desired, JsonElement? Reported, string? Reason)
{
    /// <summary>PROTOCOL.md, "Commands and settings": reasons by key, in what a device reports.</summary>
    private const string Errors = "errors";

    /// <summary>Of settings that a device did not know at all.</summary>
    private const string Unknown = "unknown";

    /// <summary>Compares key by key: 1 and 1.0 are the same, and what only the device has is no drift.</summary>
    public static IReadOnlyList<SettingDrift> Between(string desiredJson, string? reportedJson)
    {
        var desired = JsonElement.Parse(desiredJson);
        var reported = JsonText.Parse(reportedJson);
        var drift = new List<SettingDrift>();
        foreach (var wish in desired.EnumerateObject())
        {
            var applied = Find(reported, wish.Name);
            if (applied is { } same && JsonElement.DeepEquals(wish.Value, same))
                continue;
            drift.Add(new SettingDrift(wish.Name, wish.Value, applied, ReasonOf(reported, wish.Name, applied)));
        }
        return drift;
    }

    private static string? ReasonOf(JsonElement? reported, string key, JsonElement? applied)
    {
        var errors = Find(reported, Errors);
        var reason = Find(errors, key) ?? (applied is null ? Find(errors, Unknown) : null);
        return reason is { ValueKind: JsonValueKind.String } text ? text.GetString() : reason?.GetRawText();
    }

    private static JsonElement? Find(JsonElement? element, string key) =>
        element is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(key, out var value) ? value : null;
}
