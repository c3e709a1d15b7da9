using System.Buffers.Binary;
using System.Text;

namespace IoTGateway.Tests.Gateway;

/// <summary>A WebSocket frame (RFC 6455, section 5.2) as it stands on the wire.</summary>
internal readonly record struct RawFrame(bool Final, byte Opcode, byte[] Payload)
{
    public const byte Continuation = 0,
        Text = 1,
        Binary = 2,
        Close = 8,
        Ping = 9,
        Pong = 10;

    public int CloseCode => Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 1005;

    public static RawFrame Message(byte[] payload) => new(true, Binary, payload);

    public static RawFrame Message(string text) => new(true, Text, Encoding.UTF8.GetBytes(text));

    public byte[] ToBytes(bool masked = true)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte((byte)((Final ? 0x80 : 0) | Opcode));
        var mask = masked ? 0x80 : 0;
        if (Payload.Length < 126)
            bytes.WriteByte((byte)(mask | Payload.Length));
        else
            bytes.Write([(byte)(mask | 126), (byte)(Payload.Length >> 8), (byte)Payload.Length]);
        if (masked)
            // A mask of zeros leaves the payload readable; the server cannot tell.
            bytes.Write([0, 0, 0, 0]);
        bytes.Write(Payload);
        return bytes.ToArray();
    }
}
