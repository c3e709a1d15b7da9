namespace IoTGateway.Links;

/// <summary>
/// Why a handshake or a request is refused; the order of checking stands in PROTOCOL.md, "Handshake" and "HTTP".
/// </summary>
internal enum HandshakeRefusal
{
    /// <summary>It is not.</summary>
    None,
    Method,
    Upgrade,
    Version,
    Key,
    Origin,
    Subprotocol,
    Credentials,
    Disabled,
    TooManyAttempts,
    Draining,
    Full,
    Busy,
    ContentType,
    Parameter,
    Cut,
    TooLarge,
    Malformed,
    Refused,
    Replaced,
    NotDurable,
    Error,
}
