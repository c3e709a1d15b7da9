namespace IoTGateway.Protocol.Messages;

/// <summary>0x83 COMMAND.</summary>
/// <param name="Id">The command's 16 bytes, as a UUID in network byte order.</param>
/// <param name="TtlMs">Time to live that is left when this is sent.</param>
/// <param name="Name">Which command.</param>
/// <param name="Json">Its arguments; may be empty.</param>
public readonly record struct Command(Guid Id, uint TtlMs, string Name, string Json)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Command command, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Command);
        command = new Command(reader.Id(), reader.U32(), reader.Name(), reader.Text(ProtocolLimits.MessageBytes));
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Command);
        writer.Id(Id);
        writer.U32(TtlMs);
        writer.Text(Name);
        writer.Text(Json);
    }
}
