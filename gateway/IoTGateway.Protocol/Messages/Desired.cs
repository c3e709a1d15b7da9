namespace IoTGateway.Protocol.Messages;

/// <summary>0x84 DESIRED: settings wished for.</summary>
/// <param name="Version">Grows by 1 with every change.</param>
/// <param name="Json">The settings.</param>
public readonly record struct Desired(uint Version, string Json)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Desired desired, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Desired);
        desired = new Desired(reader.U32(), reader.Text(ProtocolLimits.MessageBytes));
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Desired);
        writer.U32(Version);
        writer.Text(Json);
    }
}
