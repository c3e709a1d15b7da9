namespace IoTGateway.Dashboard.Alarms;

/// <summary>An alarm that holds.</summary>
/// <param name="Name">What the rule is called.</param>
/// <param name="What">Such as "temperature above 30".</param>
/// <param name="Device">Of which device.</param>
/// <param name="SinceMs">Unix milliseconds.</param>
/// <param name="Value">That raised it.</param>
public sealed record AlarmRow(string Name, string What, string Device, long SinceMs, double? Value);

/// <summary>An alarm was raised, or ended.</summary>
public sealed record AlarmEventRow(
    string Name,
    string What,
    string Device,
    bool Raised,
    long AtMs,
    double? Value,
    bool Late
);

/// <summary>A rule.</summary>
public sealed record AlarmRuleRow(
    long Id,
    string Name,
    string Device,
    string Measurement,
    string What,
    string Hysteresis
);
