namespace IoTGateway.Devices;

/// <summary>What a device's links have told since it was last written down. Null where they told nothing.</summary>
internal readonly record struct Sighting(string? Firmware, string? Board, uint? CatalogHash, long SeenMs)
{
    /// <summary>What was told later goes over what was told before.</summary>
    public Sighting Then(Sighting later) =>
        new(later.Firmware ?? Firmware, later.Board ?? Board, later.CatalogHash ?? CatalogHash, later.SeenMs);

    /// <summary>The device as it is, though the database does not say so yet.</summary>
    public RegisteredDevice Over(RegisteredDevice device) =>
        device with
        {
            Firmware = Firmware ?? device.Firmware,
            Board = Board ?? device.Board,
            CatalogHash = CatalogHash ?? device.CatalogHash,
            LastSeenMs = SeenMs,
        };
}
