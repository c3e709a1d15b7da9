using System.Net.WebSockets;

namespace IoTGateway.Links.Frames;

/// <summary>Opcodes (RFC 6455, section 5.2).</summary>
internal enum FrameKind : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

internal static class FrameKindExtensions
{
    /// <summary>A frame about the connection, which may stand between those of a message.</summary>
    public static bool IsControl(this FrameKind kind) => kind >= FrameKind.Close;

    public static FrameKind Frame(this WebSocketMessageType message) =>
        message == WebSocketMessageType.Text ? FrameKind.Text : FrameKind.Binary;
}
