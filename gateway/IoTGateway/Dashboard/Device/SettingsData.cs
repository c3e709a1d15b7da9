using System.Text.Json;
using IoTGateway.Devices;

namespace IoTGateway.Dashboard.Device;

/// <summary>What a device shall apply, beside what it says it does.</summary>
/// <param name="Desired">As JSON, for reading; null while nobody has wished for anything.</param>
/// <param name="DesiredVersion">Of the wish; 0 for none.</param>
/// <param name="DesiredMs">Since when, Unix milliseconds.</param>
/// <param name="By">Who wished it.</param>
/// <param name="Reported">As JSON; null while the device has said nothing.</param>
/// <param name="ReportedVersion">Of the wish that the device applies.</param>
/// <param name="ReportedMs">When it said so.</param>
/// <param name="Drift">Each key that is not as wished, in words.</param>
public sealed record SettingsData(
    string? Desired,
    uint DesiredVersion,
    long DesiredMs,
    string By,
    string? Reported,
    uint ReportedVersion,
    long ReportedMs,
    IReadOnlyList<string> Drift
)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static SettingsData Of(DeviceSettings settings) =>
        new(
            Read(settings.Desired?.Json),
            settings.Desired?.Version ?? 0,
            settings.Desired?.ChangedMs ?? 0,
            settings.Desired?.By ?? string.Empty,
            Read(settings.Reported?.Json),
            settings.Reported?.Version ?? 0,
            settings.Reported?.AtMs ?? 0,
            [.. settings.Drift().Select(InWords)]
        );

    private static string InWords(SettingDrift drift) =>
        drift.Reason is { } reason ? $"{drift.Key}: {reason}"
        : drift.Reported is { } reported ? $"{drift.Key} is {reported.GetRawText()}, not {drift.Desired.GetRawText()}"
        : $"{drift.Key} is not applied yet";

    private static string? Read(string? json) =>
        json is null ? null
        : JsonText.Parse(json) is { } parsed ? JsonSerializer.Serialize(parsed, Indented)
        : json;
}
