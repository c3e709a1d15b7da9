namespace IoTGateway.Devices;

/// <summary>What a device shall apply, and what it says it does.</summary>
/// <param name="Desired">Null while nobody has wished for anything.</param>
/// <param name="Reported">Null while the device has said nothing.</param>
internal sealed record DeviceSettings(DesiredSettings? Desired, ReportedSettings? Reported)
{
    /// <summary>Each desired key that the device does not report as desired.</summary>
    public IReadOnlyList<SettingDrift> Drift() =>
        Desired is { } desired ? SettingDrift.Between(desired.Json, Reported?.Json) : [];
}

/// <summary>Settings wished for.</summary>
/// <param name="Version">Grows with every change; at least 1.</param>
/// <param name="Json">A JSON object.</param>
/// <param name="ChangedMs">Since when, Unix milliseconds.</param>
/// <param name="By">Who wished it, such as <c>api:admin</c>.</param>
internal sealed record DesiredSettings(uint Version, string Json, long ChangedMs, string By);

/// <summary>Settings as a device last said it applies them.</summary>
/// <param name="Version">Of the desired settings applied; 0 for none.</param>
/// <param name="Json">As the device said them.</param>
/// <param name="AtMs">When it last said something new, Unix milliseconds.</param>
internal sealed record ReportedSettings(uint Version, string Json, long AtMs);
