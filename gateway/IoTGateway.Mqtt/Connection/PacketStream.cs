using System.Buffers;
using System.IO.Pipelines;
using IoTGateway.Mqtt.Packets;

namespace IoTGateway.Mqtt.Connection;

/// <summary>Packets out of a byte stream, and into it.</summary>
internal sealed class PacketStream(Stream stream, int largestPacket) : IAsyncDisposable
{
    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
    private byte[] _scratch = [];

    /// <summary>A packet's handler: type, flags and body; the answer ends the reading where it is not null.</summary>
    public delegate string? PacketHandler(PacketType type, int flags, ReadOnlySpan<byte> body);

    /// <summary>Reads packets until one ends it.</summary>
    /// <returns>Why it ended; null where the broker closed.</returns>
    public async Task<string?> ReadAsync(
        PacketHandler handle,
        Func<PacketError, string> refuse,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var result = await _reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            FrameStatus status;
            while ((status = Frame.TryRead(buffer, largestPacket, out var first, out var body)) == FrameStatus.Complete)
            {
                var end = handle((PacketType)(first >> 4), first & 0x0F, SpanOf(body));
                buffer = buffer.Slice(body.End);
                if (end is not null)
                {
                    _reader.AdvanceTo(buffer.Start);
                    return end;
                }
            }
            if (status is FrameStatus.Malformed or FrameStatus.TooLarge)
                return refuse(status == FrameStatus.TooLarge ? PacketError.TooLarge : PacketError.BadLength);
            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
                return null;
        }
    }

    public ValueTask WriteAsync(PacketWriter writer, CancellationToken cancellationToken) =>
        stream.WriteAsync(writer.Written, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync();
        await stream.DisposeAsync();
    }

    private ReadOnlySpan<byte> SpanOf(in ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
            return body.FirstSpan;
        var length = (int)body.Length; // Bounded by the largest packet.
        if (_scratch.Length < length)
            _scratch = new byte[Math.Max(length, 4096)];
        body.CopyTo(_scratch);
        return _scratch.AsSpan(0, length);
    }
}
