using System.Net.WebSockets;
using IoTGateway.Protocol;

namespace IoTGateway.Links;

/// <summary>What goes out: all that the session holds, one message after the other.</summary>
internal sealed partial class WebSocketLink
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A token taken back ends its link within a second, even where the peer neither reads nor answers.</summary>
    private static readonly TimeSpan RevokedGrace = TimeSpan.FromMilliseconds(700);

    private readonly WireWriter _writer = new(64);
    private ITimer? _cutTimer;
    private OnceSignal _gone;

    /// <summary>Once is enough: the first to come sets the timer.</summary>
    private void CutSoon()
    {
        var timer = _services.Time.CreateTimer(
            static link => ((WebSocketLink)link!)._socket.Abort(), // the state given here
            this,
            RevokedGrace,
            Timeout.InfiniteTimeSpan
        );
        if (Interlocked.CompareExchange(ref _cutTimer, timer, null) is not null)
            timer.Dispose();
    }

    private async Task SendLoopAsync()
    {
        var parted = false;
        try
        {
            while (await SendQueuedAsync())
                await _session.ChangedAsync();
            parted = await SendCloseAsync();
        }
        catch (Exception e)
            when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            Close(LinkEnd.Cut);
        }
        finally
        {
            // Wakes a reader that waits for the peer, or for room in the journal.
            await _stop.CancelAsync();
            // It resets the connection: a close frame still on its way would be lost.
            if (!parted)
                _socket.Abort();
            // What a link does at its end is not done on the journal's thread.
            await Task.Yield();
        }
    }

    /// <summary>Sends all there is; false once the link shall be closed.</summary>
    private async Task<bool> SendQueuedAsync()
    {
        while (true)
        {
            if (!_session.TryTake(_writer, out _, out var isClosing))
                return !isClosing;
            // Without a token, because the platform takes its short way then.
            var sending = _socket.SendAsync(
                _writer.WrittenMemory,
                _session.Dialect.Kind,
                WebSocketMessageFlags.EndOfMessage,
                CancellationToken.None
            );
            if (sending.IsCompletedSuccessfully)
                sending.GetAwaiter().GetResult();
            else
                await InTimeAsync(sending);
        }
    }

    /// <summary>Ends the connection of a device that takes nothing for too long.</summary>
    private async ValueTask InTimeAsync(ValueTask sending)
    {
        await using var deadline = _services.Time.CreateTimer(
            static link => ((WebSocketLink)link!)._socket.Abort(), // the state given here
            this,
            SendTimeout,
            Timeout.InfiniteTimeSpan
        );
        await sending;
    }

    /// <summary>Sends the close frame and waits for the peer's.</summary>
    /// <returns>False where there is nobody left to part from.</returns>
    private async Task<bool> SendCloseAsync()
    {
        var end = _session.Closing ?? LinkEnd.Cut;
        if (end.CloseCode() is not { } code)
            return false;
        using var deadline = new CancellationTokenSource(CloseGrace, _services.Time);
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            // The platform has answered bytes that are not WebSocket with a close frame of its own, and reads no more.
            // Ending now would reset the connection before the frame has arrived.
            await _gone.WaitAsync().WaitAsync(deadline.Token);
            return true;
        }
        await _socket.CloseOutputAsync(code, end.ToString(), deadline.Token);
        await _readingEnded.WaitAsync().WaitAsync(deadline.Token);
        return true;
    }
}
