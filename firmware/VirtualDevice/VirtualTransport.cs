using IoTGateway.Device.Link;

namespace IoTGateway.VirtualDevice;

/// <summary>Which way a virtual device's messages go, numbered as its firmware numbers it.</summary>
public enum VirtualTransport : byte
{
    /// <summary>The WebSocket, and long polling where something in between breaks it.</summary>
    Auto = Transport.Auto,
    WebSocket = Transport.WebSocket,
    LongPolling = Transport.LongPolling,
    Polling = Transport.Polling,
}
