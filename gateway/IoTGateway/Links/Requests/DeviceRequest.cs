namespace IoTGateway.Links.Requests;

/// <summary>What a device asks for, but for the body.</summary>
/// <param name="Device">Who asks.</param>
/// <param name="Wait">How long the answer may be held.</param>
/// <param name="Every">When the next request comes at the latest, after the answer.</param>
/// <param name="Format">How its body is to be read.</param>
internal readonly record struct DeviceRequest(string Device, TimeSpan Wait, TimeSpan Every, IBodyFormat Format);
