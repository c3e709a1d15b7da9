using System.Buffers.Binary;
using System.Net.WebSockets;

namespace IoTGateway.Tests.Links;

/// <summary>
/// A connection on which everything has come already, so that a session takes message after message on one thread: HELLO,
/// CATALOG, and one TELEMETRY again and again, under the next sequence each time.
/// </summary>
internal sealed class PreparedSocket(byte[] hello, byte[] catalog, byte[] telemetry, int rounds, int perRound)
    : WebSocket
{
    private const int SequenceAt = 5;

    private readonly TaskCompletionSource<ValueWebSocketReceiveResult> _aborted = new();
    private readonly List<long> _allocated = [];
    private WebSocketState _state = WebSocketState.Open;
    private int _messages;
    private bool _begun;
    private long _before;
    private int _thread;

    /// <summary>What the session allocated on its thread in each round that stayed on one thread.</summary>
    public IReadOnlyList<long> Allocated => _allocated;

    /// <summary>Completes when all was read.</summary>
    public TaskCompletionSource Read { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override WebSocketState State => _state;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override string? SubProtocol => "iotgw.v1";

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        var telemetries = _messages - 2;
        if (!_begun && telemetries >= 0 && telemetries % perRound == 0)
            EndRound();
        if (telemetries == rounds * perRound)
        {
            Read.TrySetResult();
            return new(_aborted.Task);
        }
        var message = telemetries switch
        {
            -2 => hello,
            -1 => catalog,
            _ => telemetry,
        };
        var isWhole = _begun;
        _begun = !_begun;
        if (!isWhole)
            return new(new ValueWebSocketReceiveResult(0, WebSocketMessageType.Binary, false));
        if (telemetries >= 0)
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(SequenceAt), (uint)telemetries + 1);
        message.CopyTo(buffer);
        _messages++;
        return new(new ValueWebSocketReceiveResult(message.Length, WebSocketMessageType.Binary, true));
    }

    public override ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer,
        WebSocketMessageType messageType,
        bool endOfMessage,
        CancellationToken cancellationToken
    ) => default;

    public override void Abort()
    {
        _state = WebSocketState.Aborted;
        _aborted.TrySetException(new WebSocketException(WebSocketError.ConnectionClosedPrematurely));
    }

    public override void Dispose() { }

    public override Task CloseAsync(WebSocketCloseStatus status, string? description, CancellationToken cancel) =>
        Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus status, string? description, CancellationToken cancel) =>
        Task.CompletedTask;

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancel) =>
        throw new NotSupportedException();

    public override Task SendAsync(
        ArraySegment<byte> buffer,
        WebSocketMessageType type,
        bool end,
        CancellationToken cancel
    ) => throw new NotSupportedException();

    private void EndRound()
    {
        if (_thread == Environment.CurrentManagedThreadId)
            _allocated.Add(GC.GetAllocatedBytesForCurrentThread() - _before);
        _thread = Environment.CurrentManagedThreadId;
        _before = GC.GetAllocatedBytesForCurrentThread();
    }
}
