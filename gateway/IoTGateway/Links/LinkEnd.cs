using System.Net.WebSockets;

namespace IoTGateway.Links;

/// <summary>How a link ended; each counts in <c>iotgw_links_ended_total</c>.</summary>
internal enum LinkEnd
{
    /// <summary>The device said BYE.</summary>
    Bye,

    /// <summary>The device sent a close frame.</summary>
    Closed,

    /// <summary>The connection was cut.</summary>
    Cut,

    /// <summary>No pong for two ping periods.</summary>
    Silent,

    /// <summary>The gateway stops.</summary>
    Shutdown,

    /// <summary>Bytes that are not WebSocket.</summary>
    ProtocolError,

    /// <summary>Text on a binary link, or binary on a text link.</summary>
    WrongKind,

    /// <summary>Text that is not UTF-8.</summary>
    BadUtf8,

    /// <summary>A message over the limit.</summary>
    TooLarge,

    /// <summary>Something went wrong here.</summary>
    Error,

    /// <summary>Bytes that are not a message.</summary>
    Malformed,

    /// <summary>The token was rotated, or the device disabled or removed.</summary>
    Revoked,

    /// <summary>No HELLO in time.</summary>
    NoHello,

    /// <summary>The device opened another link.</summary>
    Replaced,

    /// <summary>More messages than allowed.</summary>
    OverRate,
}

/// <summary>Close codes (PROTOCOL.md, "Close codes").</summary>
internal static class LinkEndExtensions
{
    /// <summary>The close code to send; null where there is nobody left to send one to.</summary>
    public static WebSocketCloseStatus? CloseCode(this LinkEnd end) =>
        end switch
        {
            LinkEnd.Bye or LinkEnd.Closed => WebSocketCloseStatus.NormalClosure,
            LinkEnd.Shutdown => WebSocketCloseStatus.EndpointUnavailable,
            LinkEnd.ProtocolError => WebSocketCloseStatus.ProtocolError,
            LinkEnd.WrongKind => WebSocketCloseStatus.InvalidMessageType,
            LinkEnd.BadUtf8 => WebSocketCloseStatus.InvalidPayloadData,
            LinkEnd.TooLarge => WebSocketCloseStatus.MessageTooBig,
            LinkEnd.Error => WebSocketCloseStatus.InternalServerError,
            LinkEnd.Malformed => (WebSocketCloseStatus)4400,
            LinkEnd.Revoked => (WebSocketCloseStatus)4401,
            LinkEnd.NoHello => (WebSocketCloseStatus)4408,
            LinkEnd.Replaced => (WebSocketCloseStatus)4409,
            LinkEnd.OverRate => (WebSocketCloseStatus)4429,
            _ => null,
        };
}
