namespace IoTGateway.Protocol.Messages;

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
