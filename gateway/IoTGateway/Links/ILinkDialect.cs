using System.Net.WebSockets;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links;

/// <summary>How a link's subprotocol puts messages into bytes, and what it makes of those that come.</summary>
internal interface ILinkDialect
{
    /// <summary>Kind of WebSocket message, in both directions.</summary>
    WebSocketMessageType Kind { get; }

    /// <summary>Whether the link is open for commands from the start, or only once the device has introduced itself.</summary>
    bool StartsWithHello { get; }

    /// <summary>Takes a message in; may wait for room in the journal.</summary>
    /// <returns>How the link must end because of it; null to go on.</returns>
    ValueTask<LinkEnd?> ReceiveAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>True where the device has told of a catalog that is not known here: nothing it measures can be taken yet.</summary>
    bool NeedsCatalog { get; }

    /// <summary>Answers HELLO; writes nothing where the subprotocol has none.</summary>
    void WriteWelcome(WireWriter writer);

    void Write(WireWriter writer, Ack ack);

    void Write(WireWriter writer, Command command);

    /// <returns>False where the subprotocol knows no settings.</returns>
    bool TryWrite(WireWriter writer, Desired desired);

    void Write(WireWriter writer, Refused refused, string reason);

    void Write(WireWriter writer, RetryAfter retryAfter);
}
