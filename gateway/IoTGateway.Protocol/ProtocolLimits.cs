namespace IoTGateway.Protocol;

/// <summary>Bounds on what a peer may send (PROTOCOL.md, "Limits"). More is refused before anything is allocated for it.</summary>
public static class ProtocolLimits
{
    /// <summary>Protocol version carried by HELLO and WELCOME.</summary>
    public const byte Version = 1;

    /// <summary>Largest message, type byte included.</summary>
    public const int MessageBytes = 16 * 1024;

    /// <summary>Longest body of a request.</summary>
    public const int BodyBytes = 64 * 1024;

    /// <summary>Most messages in the body of a request.</summary>
    public const int MessagesPerBody = 64;

    /// <summary>How much longer than the device's largest message the body of an answer may be.</summary>
    public const int AnswerExtraBytes = 1024;

    /// <summary>Longest that an answer is held.</summary>
    public const int WaitSeconds = 30;

    /// <summary>Most time between two requests that a device may announce: a day.</summary>
    public const int EverySeconds = 86_400;

    /// <summary>Most sensors in a catalog.</summary>
    public const int Sensors = 64;

    /// <summary>Most fields of one sensor.</summary>
    public const int Fields = 32;

    /// <summary>Most commands in a catalog.</summary>
    public const int Commands = 64;

    /// <summary>Ids of commands that a device remembers, with their results.</summary>
    public const int CommandIdsRemembered = 32;

    /// <summary>Most rows in one block.</summary>
    public const int RowsPerBlock = 4096;

    /// <summary>Most blocks in one TELEMETRY.</summary>
    public const int BlocksPerMessage = 64;

    /// <summary>Most readings (rows × fields, over all blocks) in one TELEMETRY: a constant costs no bytes a row.</summary>
    public const int ReadingsPerMessage = 65_536;

    /// <summary>Longest name (measurement, field, command, category), in UTF-8 bytes.</summary>
    public const int NameBytes = 64;

    /// <summary>Longest unit, in UTF-8 bytes.</summary>
    public const int UnitBytes = 16;

    /// <summary>Largest magnitude of a decimal's exponent: 10^18 still fits a signed 64-bit integer.</summary>
    public const int Exponent = 18;

    /// <summary>
    /// Unix milliseconds below are those of a clock that was never set: 2^28 seconds (1978-07-04), where RFC 8428 parts
    /// relative times from absolute ones.
    /// </summary>
    public const long EarliestUnixMs = (1L << 28) * 1000;

    /// <summary>Latest time, in Unix milliseconds: 2262-04-11, the last that nanoseconds in 64 bits can hold.</summary>
    public const long LatestUnixMs = 9_223_372_036_854;
}
