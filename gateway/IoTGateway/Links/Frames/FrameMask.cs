using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace IoTGateway.Links.Frames;

/// <summary>Takes the mask off a payload (RFC 6455, section 5.3).</summary>
internal static class FrameMask
{
    /// <summary>Copies a part of a payload and unmasks it.</summary>
    /// <param name="from">The part as it came.</param>
    /// <param name="to">Gets as many bytes.</param>
    /// <param name="mask">Its lowest byte is for the first byte of <paramref name="from"/>.</param>
    /// <returns>The mask for the part that follows.</returns>
    public static uint Copy(ReadOnlySpan<byte> from, Span<byte> to, uint mask)
    {
        var wide = mask | ((ulong)mask << 32);
        var done = 0;
        for (; done <= from.Length - sizeof(ulong); done += sizeof(ulong))
        {
            var bytes = MemoryMarshal.Read<ulong>(from[done..]);
            MemoryMarshal.Write(
                to[done..],
                bytes ^ (BitConverter.IsLittleEndian ? wide : BinaryPrimitives.ReverseEndianness(wide))
            );
        }
        for (; done < from.Length; done++)
            to[done] = (byte)(from[done] ^ (byte)(mask >> (8 * (done & 3))));
        return BitOperations.RotateRight(mask, 8 * (from.Length & 3));
    }
}
