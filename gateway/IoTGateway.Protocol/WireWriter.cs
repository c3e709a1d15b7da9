using System.Buffers.Binary;
using System.Text;

namespace IoTGateway.Protocol;

/// <summary>Writes the wire's primitives to a buffer that grows as needed and is kept for the next message.</summary>
public sealed class WireWriter(int capacity = 256)
{
    private byte[] _buffer = new byte[capacity];

    /// <summary>Bytes written since the last <see cref="Clear"/>.</summary>
    public int Length { get; private set; }

    /// <summary>What was written, valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>What was written, valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    /// <summary>Starts over; the buffer stays.</summary>
    public void Clear() => Length = 0;

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Makes room for bytes that the caller fills.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_buffer.Length - Length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        var slice = _buffer.AsSpan(Length, count);
        Length += count;
        return slice;
    }

    /// <summary>Bytes as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>One byte.</summary>
    public void U8(byte value) => Reserve(1)[0] = value;

    /// <summary>The type byte that starts a message.</summary>
    public void Type(MessageType type) => U8((byte)type);

    /// <summary>16 bits, little-endian.</summary>
    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);

    /// <summary>32 bits, little-endian.</summary>
    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    /// <summary>64 bits, little-endian.</summary>
    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    /// <summary>Unsigned LEB128.</summary>
    public void Varint(ulong value)
    {
        var slice = Reserve(10);
        var count = 0;
        for (; value >= 0x80; value >>= 7)
            slice[count++] = (byte)(value | 0x80);
        slice[count++] = (byte)value;
        Length -= 10 - count;
    }

    /// <summary>Zigzag varint.</summary>
    public void Svarint(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>A string: its UTF-8 length as varint, then its bytes.</summary>
    public void Text(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)count);
        Encoding.UTF8.GetBytes(value, Reserve(count));
    }
}
