using System.Buffers.Binary;
using System.Text;

namespace IoTGateway.Mqtt.Packets;

/// <summary>
/// Writes packets one behind the other into a buffer that is used again and again. Lengths are filled in at the end:
/// nobody has to know them before.
/// </summary>
internal sealed class PacketWriter
{
    /// <summary>The largest remaining length that four bytes can say (MQTT 5.0 §1.5.5).</summary>
    public const int LargestRemaining = 268_435_455;

    private const int LongestHeader = 5;

    // A rare large packet must not hold its memory for ever.
    private const int KeptBytes = 256 * 1024;

    private byte[] _buffer = new byte[1024];
    private int _start;
    private byte _first;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Clear()
    {
        Length = 0;
        if (_buffer.Length > KeptBytes)
            _buffer = new byte[1024];
    }

    /// <summary>Starts a packet (§2.1.1).</summary>
    public void Begin(PacketType type, int flags = 0)
    {
        _first = (byte)(((int)type << 4) | flags);
        _start = Length;
        Reserve(LongestHeader);
        Length += LongestHeader;
    }

    /// <summary>Ends it: puts the header before its body.</summary>
    public void End()
    {
        var body = _buffer.AsSpan(_start + LongestHeader, Length - _start - LongestHeader);
        _buffer[_start] = _first;
        var header = 1 + WriteVarInt(_buffer.AsSpan(_start + 1), body.Length);
        body.CopyTo(_buffer.AsSpan(_start + header));
        Length = _start + header + body.Length;
    }

    public void U8(int value)
    {
        Reserve(1);
        _buffer[Length++] = (byte)value;
    }

    public void U16(int value)
    {
        Reserve(2);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(Length), (ushort)value);
        Length += 2;
    }

    public void U32(uint value)
    {
        Reserve(4);
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(Length), value);
        Length += 4;
    }

    public void VarInt(int value)
    {
        Reserve(4);
        Length += WriteVarInt(_buffer.AsSpan(Length), value);
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Binary data, §1.5.6.</summary>
    public void Binary(ReadOnlySpan<byte> bytes)
    {
        U16(bytes.Length);
        Raw(bytes);
    }

    /// <summary>UTF-8 string, §1.5.4.</summary>
    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        U16(bytes);
        Reserve(bytes);
        Length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(Length));
    }

    /// <summary>How many bytes a variable byte integer takes.</summary>
    public static int VarIntBytes(int value) =>
        value switch
        {
            < 1 << 7 => 1,
            < 1 << 14 => 2,
            < 1 << 21 => 3,
            _ => 4,
        };

    private static int WriteVarInt(Span<byte> target, int value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[length++] = (byte)value;
        return length;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - Length < bytes)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + bytes));
    }
}
