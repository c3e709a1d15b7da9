namespace IoTGateway.Protocol.Messages;

/// <summary>Why a TELEMETRY will never be taken.</summary>
public enum RefusedReason : byte
{
    /// <summary>The bytes are not a TELEMETRY.</summary>
    Malformed = 1,

    /// <summary>A block names a sensor the catalog does not have.</summary>
    UnknownSensor = 2,

    /// <summary>A time that cannot be stored.</summary>
    TimeOutOfRange = 3,

    /// <summary>More rows, blocks or readings than the limits allow.</summary>
    TooLarge = 4,
}

/// <summary>0x85 REFUSED: the device must not send this message again.</summary>
/// <param name="Epoch">Epoch of the message.</param>
/// <param name="Sequence">Sequence of the message.</param>
/// <param name="Reason">Why.</param>
public readonly record struct Refused(uint Epoch, uint Sequence, RefusedReason Reason)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Refused refused, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Refused);
        refused = new Refused(reader.U32(), reader.U32(), (RefusedReason)reader.Within(1, 4));
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Refused);
        writer.U32(Epoch);
        writer.U32(Sequence);
        writer.U8((byte)Reason);
    }
}
