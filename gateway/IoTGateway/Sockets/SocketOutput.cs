using System.IO.Pipelines;

namespace IoTGateway.Sockets;

/// <summary>The platform's face of <see cref="SocketWriting"/>. What is not sent when it is completed, the connection's end sends.</summary>
internal sealed class SocketOutput(SocketWriting writing) : PipeWriter
{
    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => writing.Unsent;

    public override Memory<byte> GetMemory(int sizeHint = 0) => writing.Reserve(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => writing.Reserve(sizeHint).Span;

    public override void Advance(int bytes) => writing.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        writing.GetAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source,
        CancellationToken cancellationToken = default
    ) => writing.SendAsync(source, cancellationToken);

    public override void CancelPendingFlush() => writing.Cancel();

    public override void Complete(Exception? exception = null) { }
}
