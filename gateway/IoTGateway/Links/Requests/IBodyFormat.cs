using IoTGateway.Protocol;

namespace IoTGateway.Links.Requests;

/// <summary>How a subprotocol's messages stand in the bodies of requests and answers (PROTOCOL.md, "HTTP").</summary>
internal interface IBodyFormat
{
    /// <summary>The subprotocol that the same messages make up on a link.</summary>
    string Subprotocol { get; }

    string AnswerType { get; }

    /// <summary>Finds the messages of a request's body.</summary>
    /// <param name="body">The whole of it.</param>
    /// <param name="maxMessageBytes">Longest message.</param>
    /// <param name="messages">Takes where they stand.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="epoch">The boot that speaks; 0 where the subprotocol has none.</param>
    DecodeError Split(
        ReadOnlySpan<byte> body,
        int maxMessageBytes,
        Span<Range> messages,
        out int count,
        out uint epoch
    );

    /// <summary>Adds a message to an answer's body.</summary>
    void Write(WireWriter body, ReadOnlySpan<byte> message);

    /// <summary>Ends an answer's body.</summary>
    void End(WireWriter body);
}
