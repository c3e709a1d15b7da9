using System.Buffers.Binary;
using System.Text.Unicode;

namespace IoTGateway.Mqtt.Packets;

/// <summary>
/// Reads the data types of MQTT 5.0 §1.5 from a packet's body. The first failure sticks: every later read yields zero
/// or empty, so a packet reads straight on and looks at <see cref="Error"/> once.
/// </summary>
internal ref struct PacketReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public PacketError Error { readonly get; private set; }

    public readonly bool Ok => Error == PacketError.None;

    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>Records a failure, unless one came before.</summary>
    public void Fail(PacketError error)
    {
        if (Ok)
            Error = error;
    }

    /// <summary>Fails where a condition does not hold.</summary>
    public void Require(bool holds, PacketError error)
    {
        if (!holds)
            Fail(error);
    }

    /// <summary>Fails when bytes are left over; true when all was well from start to end.</summary>
    public bool Finish(out PacketError error)
    {
        Require(Remaining == 0, PacketError.TrailingBytes);
        error = Error;
        return Ok;
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if (!Ok || count > Remaining)
        {
            Fail(PacketError.Truncated);
            return default;
        }
        var slice = _bytes.Slice(_position, count);
        _position += count;
        return slice;
    }

    public ReadOnlySpan<byte> Rest() => Take(Remaining);

    public byte U8()
    {
        var slice = Take(1);
        return slice.IsEmpty ? (byte)0 : slice[0];
    }

    public ushort U16()
    {
        var slice = Take(2);
        return slice.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(slice);
    }

    public uint U32()
    {
        var slice = Take(4);
        return slice.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(slice);
    }

    /// <summary>Variable byte integer, §1.5.5: at most four bytes, and no more than needed.</summary>
    public int VarInt()
    {
        var value = 0;
        for (var shift = 0; shift < 28; shift += 7)
        {
            var next = U8();
            value |= (next & 0x7F) << shift;
            if ((next & 0x80) != 0)
                continue;
            Require(next != 0 || shift == 0, PacketError.BadLength);
            return Ok ? value : 0;
        }
        Fail(PacketError.BadLength);
        return 0;
    }

    /// <summary>Binary data, §1.5.6.</summary>
    public ReadOnlySpan<byte> Binary() => Take(U16());

    /// <summary>UTF-8 string, §1.5.4.</summary>
    public ReadOnlySpan<byte> Text()
    {
        var text = Binary();
        if (Utf8.IsValid(text) && !text.Contains((byte)0))
            return text;
        Fail(PacketError.BadText);
        return default;
    }
}
