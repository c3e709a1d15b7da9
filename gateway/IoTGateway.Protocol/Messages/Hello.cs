namespace IoTGateway.Protocol.Messages;

/// <summary>0x01 HELLO: who the device is, and what its clock says. First on every link.</summary>
/// <param name="Epoch">Boot counter, at least 1, never reused.</param>
/// <param name="Clock">What <paramref name="NowMs"/> counts from.</param>
/// <param name="NowMs">The device's time while it writes this.</param>
/// <param name="CatalogHash">CRC-32/ISO-HDLC of the CATALOG body in force.</param>
/// <param name="MaxMessageBytes">Largest message the device takes.</param>
/// <param name="Firmware">Name and version of the firmware.</param>
/// <param name="Board">Name of the board.</param>
/// <param name="ResetReason">Why it booted, as its platform numbers it.</param>
public readonly record struct Hello(
    uint Epoch,
    ClockKind Clock,
    ulong NowMs,
    uint CatalogHash,
    ushort MaxMessageBytes,
    string Firmware,
    string Board,
    byte ResetReason
)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Hello hello, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Hello);
        if (reader.U8() != ProtocolLimits.Version)
            reader.Fail(DecodeError.BadValue);
        var epoch = reader.U32();
        if (epoch == 0)
            reader.Fail(DecodeError.BadValue);
        hello = new Hello(
            epoch,
            reader.Clock(),
            reader.U64(),
            reader.U32(),
            reader.U16(),
            reader.Label(ProtocolLimits.NameBytes),
            reader.Label(ProtocolLimits.NameBytes),
            reader.U8()
        );
        if (hello.NowMs > ProtocolLimits.LatestUnixMs)
            reader.Fail(DecodeError.TimeOutOfRange);
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Hello);
        writer.U8(ProtocolLimits.Version);
        writer.U32(Epoch);
        writer.U8((byte)Clock);
        writer.U64(NowMs);
        writer.U32(CatalogHash);
        writer.U16(MaxMessageBytes);
        writer.Text(Firmware);
        writer.Text(Board);
        writer.U8(ResetReason);
    }
}
