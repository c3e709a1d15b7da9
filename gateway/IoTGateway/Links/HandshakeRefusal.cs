namespace IoTGateway.Links;

/// <summary>Why a handshake is refused, in the order of checking (PROTOCOL.md, "Opening handshake").</summary>
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
}
