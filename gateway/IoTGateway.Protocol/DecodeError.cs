namespace IoTGateway.Protocol;

/// <summary>Why bytes are not a message. Decoding answers with one of these; it never throws on input.</summary>
public enum DecodeError : byte
{
    /// <summary>No error.</summary>
    None,

    /// <summary>The bytes end before the message does.</summary>
    Truncated,

    /// <summary>Bytes follow the end of the message.</summary>
    TrailingBytes,

    /// <summary>A varint is longer than 10 bytes or exceeds 64 bits.</summary>
    BadVarint,

    /// <summary>A string is not UTF-8, is empty where it must not be, or holds control characters.</summary>
    BadText,

    /// <summary>A value outside of those defined for its place.</summary>
    BadValue,

    /// <summary>The message type is not one this side reads.</summary>
    UnknownType,

    /// <summary>A block names a sensor the catalog in force does not have.</summary>
    UnknownSensor,

    /// <summary>A time after <see cref="ProtocolLimits.LatestUnixMs"/>.</summary>
    TimeOutOfRange,

    /// <summary>A count or length beyond its limit.</summary>
    TooLarge,
}
