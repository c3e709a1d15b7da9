using IoTGateway.Device.Boards;

namespace IoTGateway.VirtualDevice;

/// <summary>The boards whose pins the firmware knows, for whoever writes its <c>config.json</c>.</summary>
public static class KnownBoards
{
    /// <summary>By their names in hardware/boards.</summary>
    public static IReadOnlyList<string> Names { get; } = NodePins.All.Split(", ");
}
