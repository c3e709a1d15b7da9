namespace IoTGateway.Protocol.Messages;

/// <summary>0x01 HELLO: who the device is, and what its clock says. First on every link.</summary>
/// <param name="Epoch">Boot counter, at least 1, never reused.</param>
/// <param name="Clock">What <paramref name="NowMs"/> counts from.</param>
/// <param name="NowMs">The device's time while it writes this.</param>
/// <param name="CatalogHash">CRC-32/ISO-HDLC of the CATALOG body in force.</param>
/// <param name="MaxMessageBytes">Largest message the device takes.</param>
/// <param name="Firmware">Name and version of the firmware.</param>
/// <param name="Board">Name of the board.</param>
/// <param name="ResetReason">Why it booted, as its platform numbers it.</param>
public readonly record struct Hello(
    uint Epoch,
    ClockKind Clock,
    ulong NowMs,
    uint CatalogHash,
    ushort MaxMessageBytes,
    string Firmware,
    string Board,
    byte ResetReason
)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Hello hello, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Hello);
        if (reader.U8() != ProtocolLimits.Version)
            reader.Fail(DecodeError.BadValue);
        var epoch = reader.U32();
        if (epoch == 0)
            reader.Fail(DecodeError.BadValue);
        hello = new Hello(
            epoch,
            reader.Clock(),
            reader.U64(),
            reader.U32(),
            reader.U16(),
            reader.Label(ProtocolLimits.NameBytes),
            reader.Label(ProtocolLimits.NameBytes),
            reader.U8()
        );
        if (hello.NowMs > ProtocolLimits.LatestUnixMs)
            reader.Fail(DecodeError.TimeOutOfRange);
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Hello);
        writer.U8(ProtocolLimits.Version);
        writer.U32(Epoch);
        writer.U8((byte)Clock);
        writer.U64(NowMs);
        writer.U32(CatalogHash);
        writer.U16(MaxMessageBytes);
        writer.Text(Firmware);
        writer.Text(Board);
        writer.U8(ResetReason);
    }
}

/// <summary>What became of a command.</summary>
public enum CommandOutcome : byte
{
    /// <summary>It ran.</summary>
    Succeeded = 1,

    /// <summary>It ran and went wrong.</summary>
    Failed = 2,

    /// <summary>It was not run: unknown name or bad arguments.</summary>
    Refused = 3,

    /// <summary>It was not run: its time to live had passed.</summary>
    Expired = 4,
}

/// <summary>0x04 COMMAND_RESULT.</summary>
/// <param name="Id">The command's 16 bytes, as a UUID in network byte order.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Json">The device's answer; may be empty.</param>
public readonly record struct CommandResult(Guid Id, CommandOutcome Outcome, string Json)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out CommandResult result, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.CommandResult);
        result = new CommandResult(
            reader.Id(),
            (CommandOutcome)reader.Within(1, 4),
            reader.Text(ProtocolLimits.MessageBytes)
        );
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.CommandResult);
        writer.Id(Id);
        writer.U8((byte)Outcome);
        writer.Text(Json);
    }
}

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
            reader.Label(ProtocolLimits.NameBytes),
            reader.Text(ProtocolLimits.MessageBytes)
        );
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

/// <summary>0x07 GAP: rows the device dropped because its store was full.</summary>
/// <param name="Epoch">Boot in which the rows were sampled.</param>
/// <param name="Clock">What the times count from.</param>
/// <param name="FromMs">Time of the first row dropped.</param>
/// <param name="ToMs">Time of the last row dropped.</param>
/// <param name="RowsDropped">How many.</param>
public readonly record struct Gap(uint Epoch, ClockKind Clock, ulong FromMs, ulong ToMs, ulong RowsDropped)
{
    /// <summary>Reads a whole message, its type byte included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Gap gap, out DecodeError error)
    {
        var reader = new WireReader(message);
        reader.Expect(MessageType.Gap);
        gap = new Gap(reader.U32(), reader.Clock(), reader.U64(), reader.U64(), reader.Varint());
        if (gap.Epoch == 0 || gap.FromMs > gap.ToMs)
            reader.Fail(DecodeError.BadValue);
        if (gap.ToMs > ProtocolLimits.LatestUnixMs)
            reader.Fail(DecodeError.TimeOutOfRange);
        return reader.Finish(out error);
    }

    /// <summary>Writes the whole message.</summary>
    public void Write(WireWriter writer)
    {
        writer.Type(MessageType.Gap);
        writer.U32(Epoch);
        writer.U8((byte)Clock);
        writer.U64(FromMs);
        writer.U64(ToMs);
        writer.Varint(RowsDropped);
    }
}

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
