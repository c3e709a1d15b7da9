using System.Text.Json;

namespace EndToEnd.Tests.Stack;

/// <summary>One line of a service's <c>volumes</c>.</summary>
/// <param name="Source">A volume's name, or a path.</param>
/// <param name="Subpath">What of the volume; null for all of it.</param>
/// <param name="IsReadOnly">Whether the service cannot write there.</param>
internal sealed record ComposeMount(string Source, string? Subpath, bool IsReadOnly)
{
    /// <summary>Written short, <c>source:target[:ro]</c>, or long.</summary>
    public static ComposeMount Of(JsonElement volume)
    {
        if (volume.ValueKind == JsonValueKind.String)
        {
            var parts = volume.GetString()!.Split(':'); // it is one
            return new(parts[0], null, parts.Length > 2 && parts[2] == "ro");
        }
        return new(
            volume.GetProperty("source").GetString()!, // each of ours has one
            volume.TryGetProperty("volume", out var more) && more.TryGetProperty("subpath", out var subpath)
                ? subpath.GetString()
                : null,
            volume.TryGetProperty("read_only", out var readOnly) && readOnly.GetBoolean()
        );
    }
}
