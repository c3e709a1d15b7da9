namespace IoTGateway.Live;

/// <summary>A row as the live feed tells it: one JSON object, written once for all who watch.</summary>
/// <param name="Device">Whose row.</param>
/// <param name="Measurement">Of which sensor; with the device, the key under which a later row replaces it.</param>
/// <param name="Json">UTF-8: <c>{"device","measurement","time","fields":{…}}</c>, or of a line of log
/// <c>{"device","time","level","category","message"}</c>.</param>
/// <param name="IsLog">A line of the device's log, which only those get who asked for logs.</param>
internal sealed record LiveRow(string Device, string Measurement, ReadOnlyMemory<byte> Json, bool IsLog = false);
