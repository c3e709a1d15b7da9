namespace IoTGateway.Cli.Provisioning;

/// <summary>What one board is to become.</summary>
/// <param name="Device">Its id at the gateway.</param>
/// <param name="Link">Where it connects.</param>
/// <param name="Ssid">Its Wi-Fi network.</param>
/// <param name="Password">Of that network.</param>
/// <param name="CaPem">The CA it trusts; null on ws.</param>
/// <param name="Port">The serial port it hangs on; null where somebody else flashes it.</param>
/// <param name="Target">nanoFramework's name for its chip.</param>
/// <param name="Board">Whose pins the firmware uses; null for the firmware's own choice.</param>
/// <param name="FirmwareVersion">Of nanoFramework's image; null where it was not said.</param>
/// <param name="Image">The application; null where it was not said.</param>
/// <param name="KeepsFirmware">Only network and files are new.</param>
/// <param name="Transport">Which way its messages go; null where it finds out by itself.</param>
/// <param name="PollInterval">How often it asks by polling; null for the firmware's own.</param>
internal sealed record ProvisioningPlan(
    string Device,
    Uri Link,
    string Ssid,
    string Password,
    string? CaPem,
    string? Port,
    string Target,
    string? Board,
    string? FirmwareVersion,
    string? Image,
    bool KeepsFirmware,
    string? Transport,
    TimeSpan? PollInterval
);
