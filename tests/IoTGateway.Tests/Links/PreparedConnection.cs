using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>
/// A connection on which everything has come already, so that a session takes message after message on one thread: HELLO,
/// CATALOG, and one TELEMETRY again and again, under the next sequence each time.
/// </summary>
internal sealed class PreparedConnection(byte[] hello, byte[] catalog, byte[] telemetry, int rounds, int perRound)
    : PipeReader,
        IDuplexPipe
{
    private const int SequenceAt = 5;

    private readonly byte[] _hello = RawFrame.Message(hello).ToBytes();
    private readonly byte[] _catalog = RawFrame.Message(catalog).ToBytes();
    private readonly byte[] _telemetry = RawFrame.Message(telemetry).ToBytes();
    private readonly TaskCompletionSource<ReadResult> _aborted = new();
    private readonly List<long> _allocated = [];
    private int _messages;
    private long _before;
    private int _thread;

    public PipeReader Input => this;

    public PipeWriter Output { get; } = Create(Stream.Null);

    /// <summary>What the session allocated on its thread in each round that stayed on one thread.</summary>
    public IReadOnlyList<long> Allocated => _allocated;

    /// <summary>Completes when all was read.</summary>
    public TaskCompletionSource Read { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var telemetries = _messages - 2;
        if (telemetries >= 0 && telemetries % perRound == 0)
            EndRound();
        if (telemetries == rounds * perRound)
        {
            Read.TrySetResult();
            return new(_aborted.Task);
        }
        _messages++;
        var frame = telemetries switch
        {
            -2 => _hello,
            -1 => _catalog,
            _ => _telemetry,
        };
        if (telemetries >= 0)
        {
            var sequence = frame.AsSpan(frame.Length - telemetry.Length + SequenceAt);
            BinaryPrimitives.WriteUInt32LittleEndian(sequence, (uint)telemetries + 1);
        }
        return new(new ReadResult(new ReadOnlySequence<byte>(frame), isCanceled: false, isCompleted: false));
    }

    public void Abort() => _aborted.TrySetException(new IOException("Aborted."));

    public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

    public override void AdvanceTo(SequencePosition consumed) { }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) { }

    public override void CancelPendingRead() { }

    public override void Complete(Exception? exception = null) { }

    private static PipeWriter Create(Stream stream) => PipeWriter.Create(stream);

    private void EndRound()
    {
        if (_thread == Environment.CurrentManagedThreadId)
            _allocated.Add(GC.GetAllocatedBytesForCurrentThread() - _before);
        _thread = Environment.CurrentManagedThreadId;
        _before = GC.GetAllocatedBytesForCurrentThread();
    }
}
