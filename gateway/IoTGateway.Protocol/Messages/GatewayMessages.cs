namespace IoTGateway.Protocol.Messages;

/// <summary>0x81 WELCOME: the gateway's answer to HELLO.</summary>
/// <param name="NowMs">The gateway's Unix time.</param>
/// <param name="LastSequence">Highest sequence of HELLO's epoch on disk; 0 for none.</param>
/// <param name="PingSeconds">How often the gateway pings.</param>
/// <param name="MaxMessageBytes">Largest message the gateway takes.</param>
/// <param name="Window">TELEMETRY messages the device may have unacknowledged.</param>
/// <param name="SendCatalog">The device is asked for its CATALOG before anything else.</param>
public readonly record struct Welcome(
    ulong NowMs,
    uint LastSequence,
    ushort PingSeconds,
    ushort MaxMessageBytes,
    ushort Window,
    bool SendCatalog
)
{
    private const byte SendCatalogFlag = 1;

    /// <summary>Reads a whole message, its type byte included. Unknown flags are ignored.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Welcome welcome, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Welcome);
        if (reader.U8() != ProtocolLimits.Version)
            reader.Fail(DecodeError.BadValue);
        welcome = new Welcome(
            reader.U64(),
            reader.U32(),
            reader.U16(),
            reader.U16(),
            reader.U16(),
            (reader.U8() & SendCatalogFlag) != 0
        );
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Welcome);
        writer.U8(ProtocolLimits.Version);
        writer.U64(NowMs);
        writer.U32(LastSequence);
        writer.U16(PingSeconds);
        writer.U16(MaxMessageBytes);
        writer.U16(Window);
        writer.U8(SendCatalog ? SendCatalogFlag : (byte)0);
    }
}

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
