namespace IoTGateway.Protocol.Messages;

/// <summary>0x07 GAP: rows that are lost to the device, by a full store or a power cut.</summary>
/// <param name="Epoch">Boot in which the rows were sampled.</param>
/// <param name="Clock">What the times count from.</param>
/// <param name="FromMs">Time of the first row dropped.</param>
/// <param name="ToMs">Time of the last row dropped.</param>
/// <param name="RowsDropped">How many; 0 where a power cut left nobody who knows.</param>
public readonly record struct Gap(uint Epoch, ClockKind Clock, ulong FromMs, ulong ToMs, ulong RowsDropped)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Gap gap, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Gap);
        gap = new Gap(reader.U32(), reader.Clock(), reader.U64(), reader.U64(), reader.Varint());
        if (gap.Epoch == 0 || gap.FromMs > gap.ToMs)
            reader.Fail(DecodeError.BadValue);
        if (gap.ToMs > ProtocolLimits.LatestUnixMs)
            reader.Fail(DecodeError.TimeOutOfRange);
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Gap);
        writer.U32(Epoch);
        writer.U8((byte)Clock);
        writer.U64(FromMs);
        writer.U64(ToMs);
        writer.Varint(RowsDropped);
    }
}
