namespace IoTGateway.Protocol.Messages;

/// <summary>0x82 ACK: everything of the epoch up to the sequence is on the gateway's disk.</summary>
/// <param name="Epoch">Epoch of the messages.</param>
/// <param name="Sequence">Highest sequence on disk.</param>
public readonly record struct Ack(uint Epoch, uint Sequence)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Ack ack, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Ack);
        ack = new Ack(reader.U32(), reader.U32());
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Ack);
        writer.U32(Epoch);
        writer.U32(Sequence);
    }
}
