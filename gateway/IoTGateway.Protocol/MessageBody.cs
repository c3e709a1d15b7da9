namespace IoTGateway.Protocol;

/// <summary>Messages in the body of a request or an answer, each after its length as a varint (PROTOCOL.md, "HTTP").</summary>
public static class MessageBody
{
    /// <summary>Finds the messages of a whole body, and looks into none of them.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="maxMessageBytes">Longest message.</param>
    /// <param name="messages">Takes where they stand; there are no more than it holds.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="error">Why these bytes are no body.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> body,
        int maxMessageBytes,
        Span<Range> messages,
        out int count,
        out DecodeError error
    )
    {
        var reader = new WireReader(body);
        count = 0;
        do
        {
            var length = reader.Count(maxMessageBytes);
            if (length == 0)
                reader.Fail(DecodeError.Truncated);
            if (count == messages.Length)
                reader.Fail(DecodeError.TooLarge);
            var start = reader.Position;
            reader.Take(length);
            if (reader.Ok)
                messages[count++] = start..reader.Position;
        } while (reader.Ok && reader.Remaining > 0);
        error = reader.Error;
        return reader.Ok;
    }

    /// <summary>Adds a message.</summary>
    public static void Write(WireWriter body, ReadOnlySpan<byte> message)
    {
        body.Varint((ulong)message.Length);
        body.Bytes(message);
    }
}
