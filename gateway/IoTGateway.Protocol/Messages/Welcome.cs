namespace IoTGateway.Protocol.Messages;

/// <summary>0x81 WELCOME: the gateway's answer to HELLO.</summary>
/// <param name="NowMs">The gateway's Unix time.</param>
/// <param name="LastSequence">Highest sequence of HELLO's epoch on disk; 0 for none.</param>
/// <param name="PingSeconds">How often the gateway pings.</param>
/// <param name="MaxMessageBytes">Largest message the gateway takes.</param>
/// <param name="Window">TELEMETRY messages the device may have unacknowledged.</param>
/// <param name="SendCatalog">The device is asked for its CATALOG before anything else.</param>
public readonly record struct Welcome(
    ulong NowMs,
    uint LastSequence,
    ushort PingSeconds,
    ushort MaxMessageBytes,
    ushort Window,
    bool SendCatalog
)
{
    private const byte SendCatalogFlag = 1;

    /// <summary>Reads a whole message, its type byte included. Unknown flags are ignored.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Welcome welcome, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Welcome);
        if (reader.U8() != ProtocolLimits.Version)
            reader.Fail(DecodeError.BadValue);
        welcome = new Welcome(
            reader.U64(),
            reader.U32(),
            reader.U16(),
            reader.U16(),
            reader.U16(),
            (reader.U8() & SendCatalogFlag) != 0
        );
        if (welcome.NowMs > ProtocolLimits.LatestUnixMs)
            reader.Fail(DecodeError.TimeOutOfRange);
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Welcome);
        writer.U8(ProtocolLimits.Version);
        writer.U64(NowMs);
        writer.U32(LastSequence);
        writer.U16(PingSeconds);
        writer.U16(MaxMessageBytes);
        writer.U16(Window);
        writer.U8(SendCatalog ? SendCatalogFlag : (byte)0);
    }
}
