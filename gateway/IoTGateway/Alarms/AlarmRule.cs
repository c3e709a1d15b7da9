namespace IoTGateway.Alarms;

/// <summary>What a rule watches for.</summary>
internal enum AlarmKind
{
    /// <summary>The value is over the threshold.</summary>
    Above,

    /// <summary>The value is under the threshold.</summary>
    Below,

    /// <summary>No value has come for a while.</summary>
    Missing,
}

/// <summary>A threshold for a field.</summary>
/// <param name="Id">Given by the store; 0 before.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Device">Whose; empty for every device.</param>
/// <param name="Measurement">Of which sensor.</param>
/// <param name="Field">Which value.</param>
/// <param name="Kind">What it watches for.</param>
/// <param name="Threshold">For above and below.</param>
/// <param name="Hysteresis">How far back a value must come before the alarm ends; 0 or more.</param>
/// <param name="AfterSeconds">For missing: how long.</param>
internal sealed record AlarmRule(
    long Id,
    string Name,
    string Device,
    string Measurement,
    string Field,
    AlarmKind Kind,
    double Threshold,
    double Hysteresis,
    int AfterSeconds
)
{
    public const int LongestAfterSeconds = 30 * 24 * 3600;
    private const int LongestName = 200;

    public bool IsFor(string device) => Device.Length == 0 || Device == device;

    /// <summary>Whether a value raises the alarm.</summary>
    public bool Raises(double value) =>
        Kind switch
        {
            AlarmKind.Above => value > Threshold,
            AlarmKind.Below => value < Threshold,
            _ => false,
        };

    /// <summary>Whether a value ends it: not at the threshold yet, but beyond the hysteresis, so that noise does not flap.</summary>
    public bool Clears(double value) =>
        Kind switch
        {
            AlarmKind.Above => value <= Threshold - Hysteresis,
            AlarmKind.Below => value >= Threshold + Hysteresis,
            _ => true,
        };

    /// <summary>What is wrong with it; null for nothing.</summary>
    public string? Error() =>
        this switch
        {
            { Name.Length: 0 or > LongestName } => $"'name' has 1 to {LongestName} characters.",
            _ when Name.Any(char.IsControl) => "'name' has no control characters.",
            { Device: var device } when device.Length > 0 && !Devices.DeviceId.IsValid(device) =>
                $"'device' is a device's id, or nothing for all: {Devices.DeviceId.Rule}.",
            { Measurement.Length: 0 or > 255 } or { Field.Length: 0 or > 255 } =>
                "'measurement' and 'field' name what the alarm watches, such as climate and temperature.",
            { Kind: AlarmKind.Missing, AfterSeconds: < 1 or > LongestAfterSeconds } =>
                $"'afterSeconds' is 1 to {LongestAfterSeconds}.",
            { Kind: not AlarmKind.Missing } when !double.IsFinite(Threshold) => "'threshold' is a number.",
            _ when !double.IsFinite(Hysteresis) || Hysteresis < 0 => "'hysteresis' is 0 or more.",
            _ => null,
        };

    /// <summary>What it says, in words: "temperature above 30".</summary>
    public string InWords() =>
        Kind switch
        {
            AlarmKind.Missing => $"{Field} missing for {AfterSeconds} s",
            _ => FormattableString.Invariant($"{Field} {Words.Of(Kind)} {Threshold:R}"),
        };
}

/// <summary>An alarm that holds now.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Device">Of which device.</param>
/// <param name="SinceMs">Time of the row that raised it, Unix milliseconds; for missing, when the wait was over.</param>
/// <param name="Value">That raised it; null for missing.</param>
internal sealed record ActiveAlarm(AlarmRule Rule, string Device, long SinceMs, double? Value);

/// <summary>An alarm was raised, or ended.</summary>
/// <param name="Id">Given by the store; 0 before.</param>
/// <param name="RuleId">Which.</param>
/// <param name="Name">What the rule was called.</param>
/// <param name="Words">What it says.</param>
/// <param name="Device">Of which device.</param>
/// <param name="Raised">False: it ended.</param>
/// <param name="AtMs">Time of the row, Unix milliseconds.</param>
/// <param name="Value">Of the row; null for missing.</param>
/// <param name="Late">A row that came after newer ones: it tells what was, not what is.</param>
internal sealed record AlarmEvent(
    long Id,
    long RuleId,
    string Name,
    string Words,
    string Device,
    bool Raised,
    long AtMs,
    double? Value,
    bool Late
);
