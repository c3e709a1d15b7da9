namespace IoTGateway.Protocol.Messages;

/// <summary>What messages share beyond the primitives.</summary>
internal static class WireExtensions
{
    /// <summary>Starts a whole message: it is within the size limit and of this type.</summary>
    public static void Expect(this ref WireReader reader, MessageType type)
    {
        if (reader.Remaining > ProtocolLimits.MessageBytes)
            reader.Fail(DecodeError.TooLarge);
        if (reader.U8() != (byte)type)
            reader.Fail(DecodeError.UnknownType);
    }

    public static byte Within(this ref WireReader reader, byte low, byte high)
    {
        var value = reader.U8();
        if (value < low || value > high)
            reader.Fail(DecodeError.BadValue);
        return value;
    }

    public static ClockKind Clock(this ref WireReader reader) => (ClockKind)reader.Within(0, 1);

    public static Guid Id(this ref WireReader reader)
    {
        var bytes = reader.Take(16);
        return bytes.IsEmpty ? Guid.Empty : new Guid(bytes, bigEndian: true);
    }

    public static void Id(this WireWriter writer, Guid id)
    {
        if (!id.TryWriteBytes(writer.Reserve(16), bigEndian: true, out _))
            throw new InvalidOperationException("A GUID is 16 bytes.");
    }

    public static bool Finish(this ref WireReader reader, out DecodeError error)
    {
        var ok = reader.Finish();
        error = reader.Error;
        return ok;
    }
}
