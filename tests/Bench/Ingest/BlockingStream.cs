using System.Net.Sockets;

namespace IoTGateway.Bench.Ingest;

/// <summary>
/// A socket that is waited for by nobody: what comes wakes no thread of the load. Devices across a network cost a server no
/// wake-up either, and on a machine that both share it is the server that pays for it.
/// </summary>
internal sealed class BlockingStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Read(buffer.Span));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }
}
