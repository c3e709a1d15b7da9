using IoTGateway.Protocol;

namespace IoTGateway.Links.Requests;

/// <summary>What a request is refused with, once it has been heard (PROTOCOL.md, "HTTP").</summary>
internal static class RequestRefusals
{
    /// <summary>A message a second flows in again at the latest.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>A full disk or a full journal takes its time.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(10);

    public static readonly HandshakeAnswer TooLarge = HandshakeAnswer.Refuse(
        HandshakeRefusal.TooLarge,
        413,
        $"Send less at a time: {ProtocolLimits.BodyBytes} bytes, {ProtocolLimits.MessagesPerBody} messages, and in each no more than WELCOME's maxMessageBytes."
    );

    public static readonly HandshakeAnswer Malformed = HandshakeAnswer.Refuse(
        HandshakeRefusal.Malformed,
        400,
        "The body is not what PROTOCOL.md, \"HTTP\", describes, or a TELEMETRY came while its catalog is not known: send HELLO alone, and go on as WELCOME says."
    );

    public static readonly HandshakeAnswer NotDurable = HandshakeAnswer
        .Refuse(
            HandshakeRefusal.NotDurable,
            503,
            "The gateway cannot put this on its disk now (GET /readyz says why): keep it and send it again."
        )
        .RetryAfter(Later);

    public static readonly HandshakeAnswer Error = HandshakeAnswer.Refuse(
        HandshakeRefusal.Error,
        500,
        "The gateway failed, and its log says how: keep what was sent and send it again."
    );

    public static HandshakeAnswer TooManyAtOnce => SenderCheck.TooMany("requests at once", Soon);

    /// <summary>What the body says is wrong with it; null where nothing is.</summary>
    public static HandshakeAnswer? Of(DecodeError error) =>
        error switch
        {
            DecodeError.None => null,
            DecodeError.TooLarge => TooLarge,
            _ => Malformed,
        };

    /// <summary>What a request is answered with that ends like this; null where it gets its answer all the same.</summary>
    public static HandshakeAnswer? Of(LinkEnd? end) =>
        end switch
        {
            null or LinkEnd.Bye or LinkEnd.Shutdown => null,
            LinkEnd.Malformed or LinkEnd.BadUtf8 => Malformed,
            LinkEnd.OverRate => SenderCheck.TooMany("messages", Soon),
            LinkEnd.Revoked => SenderCheck.WrongCredentials(),
            LinkEnd.Replaced => HandshakeAnswer.Refuse(
                HandshakeRefusal.Replaced,
                409,
                "This device has opened a link since, or begun anew: go on there."
            ),
            LinkEnd.Cut => Cut,
            _ => Error,
        };

    /// <summary>Nobody is left to read it.</summary>
    public static readonly HandshakeAnswer Cut = HandshakeAnswer.Refuse(
        HandshakeRefusal.Cut,
        400,
        "The request was cut before it was whole, or came too slowly."
    );

    /// <summary>A pack that will never be taken.</summary>
    public static HandshakeAnswer Pack(string reason) =>
        HandshakeAnswer.Refuse(HandshakeRefusal.Refused, 400, $"This pack is not taken: {reason}.");
}
