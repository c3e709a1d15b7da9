using System.Buffers;

namespace IoTGateway.Mqtt.Packets;

internal enum FrameStatus
{
    Complete,
    NeedMore,
    Malformed,
    TooLarge,
}

/// <summary>Finds a packet in a stream: the fixed header of MQTT 5.0 §2.1.</summary>
internal static class Frame
{
    /// <summary>Looks for one whole packet at the start of a buffer.</summary>
    /// <param name="buffer">What has come; nothing is allocated for what has not.</param>
    /// <param name="largest">The longest packet taken, header included.</param>
    /// <param name="first">Type and flags.</param>
    /// <param name="body">What follows the fixed header; its end is where the next packet begins.</param>
    public static FrameStatus TryRead(
        in ReadOnlySequence<byte> buffer,
        int largest,
        out byte first,
        out ReadOnlySequence<byte> body
    )
    {
        body = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out first))
            return FrameStatus.NeedMore;
        var length = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (shift == 28)
                return FrameStatus.Malformed;
            if (!reader.TryRead(out var next))
                return FrameStatus.NeedMore;
            length |= (next & 0x7F) << shift;
            if ((next & 0x80) != 0)
                continue;
            if (next == 0 && shift > 0)
                return FrameStatus.Malformed;
            break;
        }
        if (reader.Consumed + length > largest)
            return FrameStatus.TooLarge;
        if (reader.Remaining < length)
            return FrameStatus.NeedMore;
        body = reader.UnreadSequence.Slice(0, length);
        return FrameStatus.Complete;
    }
}
