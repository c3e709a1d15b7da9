namespace IoTGateway.Protocol.Messages;

/// <summary>0x05 LOG: a line of the device's log.</summary>
/// <param name="Level">0 trace, 1 debug, 2 information, 3 warning, 4 error, 5 critical.</param>
/// <param name="Clock">What <paramref name="AtMs"/> counts from.</param>
/// <param name="AtMs">When it was written.</param>
/// <param name="Category">Part of the firmware that speaks.</param>
/// <param name="Message">What it says.</param>
public readonly record struct DeviceLog(byte Level, ClockKind Clock, ulong AtMs, string Category, string Message)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out DeviceLog log, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Log);
        log = new DeviceLog(
            reader.Within(0, 5),
            reader.Clock(),
            reader.U64(),
            reader.Name(),
            reader.Text(ProtocolLimits.MessageBytes)
        );
        if (log.AtMs > ProtocolLimits.LatestUnixMs)
            reader.Fail(DecodeError.TimeOutOfRange);
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Log);
        writer.U8(Level);
        writer.U8((byte)Clock);
        writer.U64(AtMs);
        writer.Text(Category);
        writer.Text(Message);
    }
}
