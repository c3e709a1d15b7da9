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

    /// <summary>Begun and ended: one is under way where it is odd.</summary>
    private volatile int _flushes;
    private OnceSignal _gone;

    /// <summary>Ends the connection after a while, if it has not ended by then. The shortest while counts.</summary>
    private void CutAfter(TimeSpan grace)
    {
        var first = Volatile.Read(ref _cutTimer);
        if (first is null)
        {
            var timer = _services.Time.CreateTimer(
                static link => ((WebSocketLink)link!)._connection.Abort(), // the state given here
                this,
                grace,
                Timeout.InfiniteTimeSpan
            );
            first = Interlocked.CompareExchange(ref _cutTimer, timer, null);
            if (first is null)
                return;
            timer.Dispose();
        }
        if (grace < SendTimeout)
            first.Change(grace, Timeout.InfiniteTimeSpan);
    }

    private async Task SendLoopAsync()
    {
        var parted = false;
        try
        {
            while (true)
            {
                WriteControl();
                var isMore = WriteQueued(out var isClosing);
                if (_output.Unsent > 0)
                    Flushed(await FlushAsync());
                if (isMore)
                    continue;
                if (isClosing)
                    break;
                await _session.ChangedAsync();
            }
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

    /// <summary>
    /// Waits while the device takes nothing; where that lasts too long, <see cref="Beat"/> or the link's close ends the connection.
    /// </summary>
    private ValueTask<FlushResult> FlushAsync()
    {
        _flushes++;
        return _output.FlushAsync();
    }

    private void Flushed(FlushResult sent)
    {
        _flushes++;
        if (sent.IsCompleted)
            throw new IOException("The connection has ended.");
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
        Flushed(await FlushAsync());
        await _readingEnded.WaitAsync().WaitAsync(deadline.Token);
        return true;
    }
}
