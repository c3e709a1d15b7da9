namespace IoTGateway.Protocol.Telemetry;

/// <summary>What stands before the blocks of a TELEMETRY.</summary>
/// <param name="Epoch">Boot of the device in which the message was made; at least 1.</param>
/// <param name="Sequence">Number of the message in its epoch; at least 1.</param>
/// <param name="Clock">What <paramref name="BaseMs"/> counts from.</param>
/// <param name="BaseMs">Time to which the blocks' times are added, in milliseconds.</param>
/// <param name="Blocks">How many blocks follow.</param>
public readonly record struct TelemetryHeader(uint Epoch, uint Sequence, ClockKind Clock, long BaseMs, int Blocks)
{
    /// <summary>Writes the message up to its first block.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Telemetry);
        writer.U32(Epoch);
        writer.U32(Sequence);
        writer.U8((byte)Clock);
        writer.U64((ulong)BaseMs);
        writer.Varint((ulong)Blocks);
    }
}
