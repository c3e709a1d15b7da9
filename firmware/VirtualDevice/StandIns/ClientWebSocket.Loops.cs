using Platform = System.Net.WebSockets;

namespace IoTGateway.VirtualDevice.StandIns;

internal sealed partial class ClientWebSocket
{
    // The protocol's largest message; what is longer shows as fragments, which the firmware refuses as it would the length.
    private const int ReceiveBufferBytes = 16 * 1024;

    private async Task SendLoopAsync(PlatformSocket socket, Machine machine)
    {
        try
        {
            await foreach (var message in _sendQueue.Reader.ReadAllAsync(_stopped.Token))
            {
                var type = message[0] == 1 ? Platform.WebSocketMessageType.Text : Platform.WebSocketMessageType.Binary;
                await SendAsOriginalAsync(socket, message[1..], type, machine.PowerOff);
                Hold(-message.Count);
            }
        }
        catch (Exception e) when (IsEndOfLink(e))
        {
            // The receive loop sees the same end and reports it.
        }
    }

    /// <summary>
    /// A length of exactly 65,535 wedges the link; a message of exactly MaxFragmentSize never ends; of a longer one the
    /// second fragment is garbled.
    /// </summary>
    private async Task SendAsOriginalAsync(
        PlatformSocket socket,
        ArraySegment<byte> message,
        Platform.WebSocketMessageType type,
        CancellationToken powerOff
    )
    {
        const int Wedges = 65_535;
        if (message.Count == Wedges)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stopped.Token);
        var whole = message.Count < _options.MaxFragmentSize;
        var first = whole ? message : message[.._options.MaxFragmentSize];
        await socket.WebSocket.SendAsync(first, type, endOfMessage: whole, powerOff);
        if (message.Count <= _options.MaxFragmentSize)
            return;
        var rest = message[_options.MaxFragmentSize..].ToArray();
        Array.Reverse(rest);
        await socket.WebSocket.SendAsync(rest, type, endOfMessage: true, powerOff);
    }

    private async Task ReceiveLoopAsync(PlatformSocket socket, Machine machine)
    {
        using var reset = machine.PowerOff.Register(socket.Reset);
        machine.Radio.Lost += socket.Reset;
        if (machine.Radio.State == RadioState.Off)
            socket.Reset();
        var buffer = new byte[ReceiveBufferBytes];
        var insideMessage = false;
        try
        {
            while (true)
            {
                var result = await socket.WebSocket.ReceiveAsync(new ArraySegment<byte>(buffer), machine.PowerOff);
                if (result.MessageType == Platform.WebSocketMessageType.Close)
                    break;

                RaiseMessage(buffer, result, insideMessage, machine.ClientHeap);
                insideMessage = !result.EndOfMessage;
            }
        }
        catch (Platform.WebSocketException e) when (machine.SpinsAtEndOfStream && e.InnerException is null)
        {
            await SpinAsync(machine);
        }
        catch (Exception e) when (IsEndOfLink(e))
        {
            // However it ended, what follows is the same.
        }

        machine.Radio.Lost -= socket.Reset;
        Hold(-Interlocked.Read(ref _nativeBytes));
        State = WebSocketState.Closed;
        await _stopped.CancelAsync();
        // After an Abort this is the second time, as seen in the original.
        ConnectionClosed?.Invoke(this, EventArgs.Empty);
        socket.Dispose();
    }

    /// <summary>The stream has ended, and the original reads on, as if it were open, until no PONG comes.</summary>
    private async Task SpinAsync(Machine machine)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token, machine.PowerOff);
        try
        {
            await Task.Delay(_options.KeepAliveInterval + _options.ServerTimeout, machine.Time, ended.Token);
        }
        catch (OperationCanceledException)
        {
            // The firmware gave it up.
        }
    }

    private void RaiseMessage(
        byte[] buffer,
        Platform.WebSocketReceiveResult result,
        bool insideMessage,
        ClientHeap heap
    )
    {
        var fragmentation = (insideMessage, result.EndOfMessage) switch
        {
            (false, true) => FragmentationType.NotFragmented,
            (false, false) => FragmentationType.FirstFragment,
            (true, false) => FragmentationType.Fragment,
            (true, true) => FragmentationType.FinalFragment,
        };
        var isText = result.MessageType == Platform.WebSocketMessageType.Text;
        var frame = new ReceiveMessageFrame
        {
            Buffer = buffer,
            MessageLength = result.Count,
            Fragmentation = fragmentation,
            MessageType = isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary,
        };
        var message = new MessageReceivedEventArgs { Frame = frame };
        var before = System.GC.GetAllocatedBytesForCurrentThread();
        MessageReceived?.Invoke(this, message);
        heap.Received(System.GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static bool IsEndOfLink(Exception e) =>
        e
            is OperationCanceledException
                or Platform.WebSocketException
                or ObjectDisposedException
                or IOException
                or InvalidOperationException;
}
