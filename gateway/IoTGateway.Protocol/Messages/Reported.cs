namespace IoTGateway.Protocol.Messages;

/// <summary>0x06 REPORTED: settings as the device applies them.</summary>
/// <param name="Version">Version of the DESIRED applied; 0 for none.</param>
/// <param name="Json">The settings.</param>
public readonly record struct Reported(uint Version, string Json)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Reported reported, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Reported);
        reported = new Reported(reader.U32(), reader.Text(ProtocolLimits.MessageBytes));
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Reported);
        writer.U32(Version);
        writer.Text(Json);
    }
}
