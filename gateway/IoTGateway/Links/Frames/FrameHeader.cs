using System.Buffers;
using System.Buffers.Binary;

namespace IoTGateway.Links.Frames;

/// <summary>What stands before a payload (RFC 6455, section 5.2), as a client must send it: masked, without extensions.</summary>
/// <param name="Kind">What the payload is.</param>
/// <param name="IsFinal">Whether the message ends with it.</param>
/// <param name="Length">Of the payload, in bytes.</param>
/// <param name="Mask">With which the payload is XORed, its first byte the lowest.</param>
internal readonly record struct FrameHeader(FrameKind Kind, bool IsFinal, long Length, uint Mask)
{
    /// <summary>Of a control frame's payload.</summary>
    public const int MostControlBytes = 125;

    private const int MostBytes = 14;

    /// <summary>A bit for each kind there is.</summary>
    private const int Known = 0b0111_0000_0111;
    private const int Reserved = 0x70;
    private const int Masked = 0x80;

    /// <summary>Reads a header, and takes it off <paramref name="bytes"/>; what there is of one that has not come whole stays.</summary>
    /// <param name="bytes">What has come.</param>
    /// <param name="header">The header where there is one.</param>
    /// <param name="isBroken">No client may send what stands there.</param>
    public static bool TryRead(ref ReadOnlySequence<byte> bytes, out FrameHeader header, out bool isBroken)
    {
        header = default;
        isBroken = false;
        Span<byte> copy = stackalloc byte[MostBytes];
        scoped var start = bytes.FirstSpan;
        if (start.Length < MostBytes && !bytes.IsSingleSegment)
        {
            var some = bytes.Slice(0, Math.Min(bytes.Length, MostBytes));
            some.CopyTo(copy);
            start = copy[..(int)some.Length];
        }
        if (start.Length < 2)
            return false;
        var kind = (FrameKind)(start[0] & 0x0F);
        var isFinal = (start[0] & 0x80) != 0;
        long length = start[1] & 0x7F;
        isBroken =
            (start[0] & Reserved) != 0
            || (start[1] & Masked) == 0
            || (Known >> (int)kind & 1) == 0
            || (kind.IsControl() && (!isFinal || length > MostControlBytes));
        var more = length switch
        {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if (isBroken || start.Length < 2 + more + 4)
            return false;
        if (more == 2)
            length = BinaryPrimitives.ReadUInt16BigEndian(start[2..]);
        else if (more == 8)
            length = BinaryPrimitives.ReadInt64BigEndian(start[2..]);
        isBroken = length < 0;
        header = new FrameHeader(kind, isFinal, length, BinaryPrimitives.ReadUInt32LittleEndian(start[(2 + more)..]));
        bytes = bytes.Slice(2 + more + 4);
        return !isBroken;
    }
}
