namespace IoTGateway.Devices;

/// <summary>A registered device.</summary>
/// <param name="Id">Its name on the wire, in topics and in the database.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Disabled">It may not connect.</param>
/// <param name="CreatedMs">Unix milliseconds.</param>
/// <param name="Firmware">What its last HELLO said; null before the first.</param>
/// <param name="Board">What its last HELLO said; null before the first.</param>
/// <param name="CatalogHash">Its newest catalog; null before the first.</param>
/// <param name="LastSeenMs">When its last link began or ended, Unix milliseconds.</param>
internal sealed record RegisteredDevice(
    string Id,
    string Name,
    bool Disabled,
    long CreatedMs,
    string? Firmware,
    string? Board,
    uint? CatalogHash,
    long? LastSeenMs
);
