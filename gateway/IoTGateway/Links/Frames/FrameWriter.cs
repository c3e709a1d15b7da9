using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;

namespace IoTGateway.Links.Frames;

/// <summary>Writes the frames of a server (RFC 6455): whole messages, not masked. For one caller at a time.</summary>
internal sealed class FrameWriter(PipeWriter output)
{
    private const byte Final = 0x80;
    private const int MostHeaderBytes = 10;

    /// <summary>What is written and not yet flushed, in bytes.</summary>
    public int Unsent { get; private set; }

    /// <summary>Writes a frame; it goes out with the next <see cref="FlushAsync"/>.</summary>
    public void Write(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        var header = output.GetSpan(MostHeaderBytes);
        header[0] = (byte)(Final | (byte)kind);
        var length = 2;
        if (payload.Length < 126)
            header[1] = (byte)payload.Length;
        else if (payload.Length <= ushort.MaxValue)
        {
            header[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payload.Length);
            length = 4;
        }
        else
        {
            header[1] = 127;
            BinaryPrimitives.WriteInt64BigEndian(header[2..], payload.Length);
            length = MostHeaderBytes;
        }
        output.Advance(length);
        output.Write(payload);
        Unsent += length + payload.Length;
    }

    /// <summary>Writes a close frame.</summary>
    /// <param name="code">Why.</param>
    /// <param name="reason">For a person; ASCII, 123 characters at most.</param>
    public void WriteClose(WebSocketCloseStatus code, string reason)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MostControlBytes];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Write(FrameKind.Close, payload[..(2 + Encoding.ASCII.GetBytes(reason, payload[2..]))]);
    }

    /// <summary>Sends what is written; waits while the peer takes nothing.</summary>
    /// <returns>A result that is completed where the connection has ended.</returns>
    public ValueTask<FlushResult> FlushAsync()
    {
        Unsent = 0;
        return output.FlushAsync(CancellationToken.None);
    }
}
