using System.IO.Pipelines;
using IoTGateway.Links.Frames;
using IoTGateway.Protocol;

namespace IoTGateway.Links;

/// <summary>What goes out: all that the session holds, one message after the other.</summary>
internal sealed partial class WebSocketLink
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A token taken back ends its link within a second, even where the peer neither reads nor answers.</summary>
    private static readonly TimeSpan RevokedGrace = TimeSpan.FromMilliseconds(700);

    /// <summary>So much is written before it is sent, if there is more to say.</summary>
    private const int MostUnsent = 16 * 1024;

    private readonly WireWriter _writer = new(64);
    private ITimer? _cutTimer;
    private OnceSignal _gone;

    /// <summary>Once is enough: the first to come sets the timer.</summary>
    private void CutSoon()
    {
        var timer = _services.Time.CreateTimer(
            static link => ((WebSocketLink)link!)._connection.Abort(), // the state given here
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
        catch (Exception failure) when (FrameReader.IsEnd(failure))
        {
            Close(LinkEnd.Cut);
        }
        finally
        {
            // Wakes a reader that waits for the peer, or for room in the journal.
            await _stop.CancelAsync();
            // It resets the connection: a close frame still on its way would be lost.
            if (!parted)
                _connection.Abort();
            // What a link does at its end is not done on the journal's thread.
            await Task.Yield();
        }
    }

    /// <summary>Sends all there is; false once the link shall be closed.</summary>
    private async Task<bool> SendQueuedAsync()
    {
        while (true)
        {
            WriteControl();
            var isMore = WriteQueued(out var isClosing);
            if (_output.Unsent > 0)
                await FlushAsync();
            if (!isMore)
                return !isClosing;
        }
    }

    /// <returns>False when all is written that there was.</returns>
    private bool WriteQueued(out bool isClosing)
    {
        isClosing = false;
        while (_output.Unsent < MostUnsent)
        {
            if (!_session.TryTake(_writer, out _, out isClosing))
                return false;
            _output.Write(_session.Dialect.Kind.Frame(), _writer.Written);
        }
        return true;
    }

    private ValueTask FlushAsync()
    {
        var sending = _output.FlushAsync();
        if (!sending.IsCompletedSuccessfully)
            return InTimeAsync(sending);
        ThrowIfGone(sending.GetAwaiter().GetResult());
        return default;
    }

    private static void ThrowIfGone(FlushResult sent)
    {
        if (sent.IsCompleted)
            throw new IOException("The connection has ended.");
    }

    /// <summary>Ends the connection of a device that takes nothing for too long.</summary>
    private async ValueTask InTimeAsync(ValueTask<FlushResult> sending)
    {
        await using var deadline = _services.Time.CreateTimer(
            static link => ((WebSocketLink)link!)._connection.Abort(), // the state given here
            this,
            SendTimeout,
            Timeout.InfiniteTimeSpan
        );
        ThrowIfGone(await sending);
    }

    /// <summary>Sends the close frame and waits for the peer's.</summary>
    /// <returns>False where there is nobody left to part from.</returns>
    private async Task<bool> SendCloseAsync()
    {
        var end = _session.Closing ?? LinkEnd.Cut;
        if (end.CloseCode() is not { } code)
            return false;
        using var deadline = new CancellationTokenSource(CloseGrace, _services.Time);
        _output.WriteClose(code, end.ToString());
        await FlushAsync();
        await _readingEnded.WaitAsync().WaitAsync(deadline.Token);
        return true;
    }
}
