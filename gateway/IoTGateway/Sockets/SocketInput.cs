using System.IO.Pipelines;

namespace IoTGateway.Sockets;

/// <summary>The platform's face of <see cref="SocketReading"/>.</summary>
internal sealed class SocketInput(SocketReading reading) : PipeReader
{
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        reading.GetAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => reading.TryGetNow(out result);

    public override void AdvanceTo(SequencePosition consumed) => reading.AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
        reading.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => reading.Cancel();

    public override void Complete(Exception? exception = null) => reading.Complete();
}
