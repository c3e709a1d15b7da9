using System.Buffers.Binary;
using System.Text;

namespace IoTGateway.Protocol;

/// <summary>
/// Reads the wire's primitives from a span. The first failure sticks: every later read yields zero or empty, so a
/// decoder reads straight on and looks at <see cref="Error"/> once.
/// </summary>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    /// <summary>The first failure, or <see cref="DecodeError.None"/>.</summary>
    public DecodeError Error { readonly get; private set; }

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>True while nothing failed.</summary>
    public readonly bool Ok => Error == DecodeError.None;

    /// <summary>Records a failure, unless one came before.</summary>
    public void Fail(DecodeError error)
    {
        if (Error == DecodeError.None)
            Error = error;
    }

    /// <summary>Fails when bytes are left over; true when all was well from start to end.</summary>
    public bool Finish()
    {
        if (Ok && Remaining > 0)
            Fail(DecodeError.TrailingBytes);
        return Ok;
    }

    /// <summary>The next bytes as they stand; empty on failure.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (!Ok || count < 0 || count > Remaining)
        {
            Fail(DecodeError.Truncated);
            return default;
        }
        var slice = _bytes.Slice(_position, count);
        _position += count;
        return slice;
    }

    /// <summary>One byte.</summary>
    public byte U8()
    {
        var slice = Take(1);
        return slice.IsEmpty ? (byte)0 : slice[0];
    }

    /// <summary>16 bits, little-endian.</summary>
    public ushort U16()
    {
        var slice = Take(2);
        return slice.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(slice);
    }

    /// <summary>32 bits, little-endian.</summary>
    public uint U32()
    {
        var slice = Take(4);
        return slice.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(slice);
    }

    /// <summary>64 bits, little-endian.</summary>
    public ulong U64()
    {
        var slice = Take(8);
        return slice.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(slice);
    }

    /// <summary>Unsigned LEB128 of at most 10 bytes that fits 64 bits.</summary>
    public ulong Varint()
    {
        if (!Ok)
            return 0;
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position >= _bytes.Length)
            {
                Fail(DecodeError.Truncated);
                return 0;
            }
            var b = _bytes[_position++];
            if (shift == 63 && b > 1)
                break;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        Fail(DecodeError.BadVarint);
        return 0;
    }

    /// <summary>Zigzag varint.</summary>
    public long Svarint()
    {
        var raw = Varint();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    /// <summary>A varint that counts something, refused above <paramref name="limit"/>.</summary>
    public int Count(int limit)
    {
        var value = Varint();
        if (value <= (ulong)limit)
            return (int)value;
        Fail(DecodeError.TooLarge);
        return 0;
    }

    /// <summary>The UTF-8 bytes of a string, checked; empty on failure.</summary>
    public ReadOnlySpan<byte> Utf8(int limit)
    {
        var text = Take(Count(limit));
        if (!System.Text.Unicode.Utf8.IsValid(text))
            Fail(DecodeError.BadText);
        return Ok ? text : default;
    }

    /// <summary>A string of at most <paramref name="limit"/> UTF-8 bytes; empty on failure.</summary>
    public string Text(int limit) => Encoding.UTF8.GetString(Utf8(limit));

    /// <summary>A string without control characters.</summary>
    public string Label(int limit)
    {
        var text = Utf8(limit);
        if (text.ContainsAnyInRange((byte)0, (byte)0x1F) || text.Contains((byte)0x7F))
            Fail(DecodeError.BadText);
        return Ok ? Encoding.UTF8.GetString(text) : string.Empty;
    }

    /// <summary>A label that must not be empty.</summary>
    public string Name()
    {
        var name = Label(ProtocolLimits.NameBytes);
        if (name.Length == 0)
            Fail(DecodeError.BadText);
        return name;
    }
}
