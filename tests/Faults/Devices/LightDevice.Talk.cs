using System.Diagnostics;
using System.Net.WebSockets;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Faults.Devices;

/// <summary>One link: HELLO, what is unacknowledged, then new rows; receipts as they come.</summary>
internal sealed partial class LightDevice
{
    private const int MostLatencies = 100_000;

    private async Task TalkAsync(ClientWebSocket socket)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_power.Token);
        await SendAsync(socket, Counter.Hello(options.Epoch), over.Token);
        var buffer = new byte[ProtocolLimits.MessageBytes];
        var first = await ReceiveAsync(socket, buffer, over.Token);
        if (first.IsEmpty || TakeRetryAfter(first.Span) || !Welcome.TryRead(first.Span, out var welcome, out _))
            return;
        Acknowledge(welcome.LastSequence);
        if (welcome.SendCatalog)
            await SendAsync(socket, Counter.CatalogMessage, over.Token);
        IsOpen = true;
        LinksOpened++;
        var reading = ReadAsync(socket, buffer, over);
        try
        {
            await SendAllAsync(socket, Math.Min(welcome.Window, options.Window), over.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The reading side says why.
        }
        await over.CancelAsync();
        await reading;
    }

    private async Task ReadAsync(ClientWebSocket socket, byte[] buffer, CancellationTokenSource over)
    {
        try
        {
            while (await ReceiveAsync(socket, buffer, over.Token) is { IsEmpty: false } message)
            {
                if (Ack.TryRead(message.Span, out var ack, out _))
                {
                    Acknowledge(ack.Sequence);
                    _failures = 0;
                }
                else
                    TakeRetryAfter(message.Span);
            }
            CloseCode = (int?)socket.CloseStatus;
            LastEnd = $"closed with {CloseCode}";
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, over.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            LastEnd = e.Message;
        }
        await over.CancelAsync();
    }

    private bool TakeRetryAfter(ReadOnlySpan<byte> message)
    {
        if (!Protocol.Messages.RetryAfter.TryRead(message, out var retry, out _))
            return false;
        _notBefore = TimeSpan.FromMilliseconds(retry.Milliseconds);
        RetryAfter = _notBefore;
        return true;
    }

    private async Task SendAllAsync(ClientWebSocket socket, int window, CancellationToken over)
    {
        uint sent = 0;
        while (true)
        {
            Message? next;
            int inFlight;
            bool wanted;
            lock (_lock)
            {
                wanted = _producing;
                next = _unacknowledged.FirstOrDefault(message => message.Sequence > sent);
                inFlight = _unacknowledged.Count(message => message.Sequence <= sent);
            }
            if (inFlight >= window || (next is null && !wanted))
            {
                await _moved.WaitAsync(over);
                continue;
            }
            if (next is null)
            {
                if (options.Interval > TimeSpan.Zero)
                    await Task.Delay(options.Interval, TimeProvider.System, over);
                next = Produce();
                if (next is null)
                    continue;
            }
            next.SentAt = Stopwatch.GetTimestamp();
            sent = next.Sequence;
            await SendAsync(socket, next.Bytes, over);
        }
    }

    /// <summary>The next message; null once no more are wanted.</summary>
    private Message? Produce()
    {
        lock (_lock)
            return _producing ? ProduceNext() : null;
    }

    private Message ProduceNext()
    {
        _sequence++;
        var bytes = Counter.Telemetry(options.Epoch, _sequence, _baseMs, _rows, options.RowsPerMessage);
        for (var row = 0; row < options.RowsPerMessage; row++, _rows++)
            ledger.Sent(
                new RowKey(Id, Counter.Measurement, _baseMs + _rows),
                options.Epoch,
                _sequence,
                new Dictionary<string, double> { [Counter.Field] = _rows }
            );
        var message = new Message(_sequence, options.RowsPerMessage, bytes);
        _unacknowledged.AddLast(message);
        return message;
    }

    private void Acknowledge(uint sequence)
    {
        if (sequence == 0)
            return;
        ledger.Acknowledged(Id, options.Epoch, sequence);
        lock (_lock)
        {
            while (_unacknowledged.First is { } first && first.Value.Sequence <= sequence)
            {
                RowsAcknowledged += first.Value.Rows;
                if (first.Value.SentAt != 0 && _latencies.Count < MostLatencies)
                    _latencies.Add(first.Value.Since);
                _unacknowledged.RemoveFirst();
            }
        }
        if (_moved.CurrentCount == 0)
            _moved.Release();
    }

    private static Task SendAsync(ClientWebSocket socket, byte[] message, CancellationToken cancellation) =>
        socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellation);

    /// <summary>The next message; empty where the link is closed.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReceiveAsync(
        ClientWebSocket socket,
        byte[] buffer,
        CancellationToken cancellation
    )
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
            if (part.MessageType == WebSocketMessageType.Close)
                return default;
            length += part.Count;
            if (part.EndOfMessage)
                return buffer.AsMemory(0, length);
        }
    }
}
