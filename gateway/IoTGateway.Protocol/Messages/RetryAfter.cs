namespace IoTGateway.Protocol.Messages;

/// <summary>0x86 RETRY_AFTER: this gateway is going away.</summary>
/// <param name="Milliseconds">Come back no sooner.</param>
public readonly record struct RetryAfter(uint Milliseconds)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out RetryAfter retryAfter, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.RetryAfter);
        retryAfter = new RetryAfter(reader.U32());
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.RetryAfter);
        writer.U32(Milliseconds);
    }
}
