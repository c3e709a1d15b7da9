// nanoFramework's System.Net.WebSockets.Client keeps its enums and options in a namespace of their own.
namespace System.Net.WebSockets.WebSocketFrame;

internal enum WebSocketState
{
    None = 0,
    Connecting = 1,
    Open = 2,
    CloseSent = 3,
    CloseReceived = 4,
    Closed = 5,
    Aborted = 6,
}

internal enum WebSocketMessageType
{
    Text = 0,
    Binary = 1,
}

internal enum WebSocketCloseStatus
{
    Empty = 1005,
    NormalClosure = 1000,
    EndpointUnavailable = 1001,
    ProtocolError = 1002,
    InvalidMessageType = 1003,
    InvalidPayloadData = 1007,
    PolicyViolation = 1008,
    MessageTooBig = 1009,
    MandatoryExtension = 1010,
    InternalServerError = 1011,
}

internal class WebSocketOptions
{
    public TimeSpan KeepAliveInterval { get; set; } = new(0, 0, 60);
    public TimeSpan ServerTimeout { get; set; } = new(0, 0, 30);
    public int MaxReceiveFrameSize { get; set; } = int.MaxValue;
    public int MaxFragmentSize { get; set; } = 32768;
}
