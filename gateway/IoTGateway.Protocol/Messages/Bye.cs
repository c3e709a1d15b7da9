namespace IoTGateway.Protocol.Messages;

/// <summary>Why a device says BYE.</summary>
public enum ByeReason : byte
{
    /// <summary>It is switched off.</summary>
    Shutdown = 1,

    /// <summary>It boots again.</summary>
    Reboot = 2,

    /// <summary>It sleeps between readings.</summary>
    DeepSleep = 3,

    /// <summary>It takes new firmware.</summary>
    Update = 4,
}

/// <summary>0x08 BYE: an orderly end, since the stock client of the boards cannot send a close frame.</summary>
/// <param name="Reason">Why.</param>
/// <param name="ExpectedBackSeconds">When it means to be back; 0 for unknown.</param>
public readonly record struct Bye(ByeReason Reason, uint ExpectedBackSeconds)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Bye bye, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Bye);
        bye = new Bye((ByeReason)reader.Within(1, 4), reader.U32());
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Bye);
        writer.U8((byte)Reason);
        writer.U32(ExpectedBackSeconds);
    }
}
