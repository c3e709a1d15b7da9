using System.Net.WebSockets;
using System.Text.Json;

namespace IoTGateway.Dashboard.Live;

/// <summary>How an open page ended.</summary>
internal enum LiveEnd
{
    /// <summary>It was closed, or the gateway stops.</summary>
    Closed,

    /// <summary>It took nothing for too long.</summary>
    Stalled,

    /// <summary>Its session has ended.</summary>
    SignedOut,
}

/// <summary>
/// One open page. There is one frame under way at most, and the next is rendered from what holds then: a page that reads
/// slowly sees fewer states and costs no more memory; one that reads nothing is cut.
/// </summary>
internal sealed class LiveConnection(WebSocket socket, ILiveView view, IServiceProvider services, TimeProvider time)
{
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>At most two frames a second, and one at once for what the viewer does.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AnswerPace = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckSession = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(1);
    private const WebSocketCloseStatus SignedOut = (WebSocketCloseStatus)4401;
    private const int LongestMessage = 4 * 1024;

    private static readonly Dictionary<string, string> EmptyParts = [];

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
    {
        // HTML in JSON on a WebSocket: nothing there is ever read as a page.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly AsyncSignal _wake = new();
    private readonly SentParts _common = new();
    private volatile bool _gone;
    private Said? _pending;

    /// <summary>Runs until the page goes, its session ends, or the token is cancelled.</summary>
    public async Task<LiveEnd> RunAsync(Func<bool> isSignedIn, CancellationToken ending)
    {
        using var late = ending.Register(_wake.Set);
        using var reading = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        var receiving = ReceiveAsync(reading.Token);
        var end = await SendLoopAsync(isSignedIn, ending);
        await PartAsync(end);
        // Cancelling a read resets the connection, and the reset overtakes the close frame: the page answers that first.
        reading.CancelAfter(CloseGrace);
        await receiving;
        return end;
    }

    private async Task<LiveEnd> SendLoopAsync(Func<bool> isSignedIn, CancellationToken ending)
    {
        var checkedAt = time.GetTimestamp();
        while (!_gone && !ending.IsCancellationRequested)
        {
            if (time.GetElapsedTime(checkedAt) >= CheckSession)
            {
                if (!isSignedIn())
                    return LiveEnd.SignedOut;
                checkedAt = time.GetTimestamp();
            }
            if (Interlocked.Exchange(ref _pending, null) is { } message)
                view.Receive(message.Value);
            try
            {
                if (await RenderAsync(ending) is { } frame && await SendAsync(frame) is { } failed)
                    return failed;
                await PauseAsync(ending);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return LiveEnd.Closed;
            }
        }
        return LiveEnd.Closed;
    }

    private async ValueTask<LiveFrame?> RenderAsync(CancellationToken ending)
    {
        await using var renderer = new PartRenderer(services);
        var frame = await view.RenderAsync(renderer, ending);
        // On every page.
        _common.Add("alarm-banner", await renderer.RenderAsync<Alarms.AlarmBanner>());
        return _common.Take() is not { } common ? frame
            : frame is null ? new LiveFrame(common)
            : frame with
            {
                Parts = new Dictionary<string, string>(
                    [.. common, .. frame.Parts ?? EmptyParts],
                    StringComparer.Ordinal
                ),
            };
    }

    /// <returns>How the connection ended; null where the frame went out.</returns>
    private async Task<LiveEnd?> SendAsync(LiveFrame frame)
    {
        using var deadline = new CancellationTokenSource(SendTimeout, time);
        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(frame, Web);
            await socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, deadline.Token);
            return null;
        }
        catch (OperationCanceledException)
        {
            // A send that is given up ends the reading too: that the page is gone by now says nothing about why.
            return LiveEnd.Stalled;
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException)
        {
            return LiveEnd.Closed;
        }
    }

    private async Task PauseAsync(CancellationToken ending)
    {
        await Task.Delay(AnswerPace, time, ending);
        using var timer = time.CreateTimer(
            static wake => ((AsyncSignal)wake!).Set(), // the state given here
            _wake,
            Pace - AnswerPace,
            Timeout.InfiniteTimeSpan
        );
        await _wake.WaitAsync();
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestMessage];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                // A page says little, in one piece: who says more is no page of ours.
                if (received.MessageType != WebSocketMessageType.Text || !received.EndOfMessage)
                    break;
                Volatile.Write(ref _pending, new Said(JsonElement.Parse(buffer.AsSpan(0, received.Count))));
                _wake.Set();
            }
        }
        catch (Exception e)
            when (e
                    is OperationCanceledException
                        or WebSocketException
                        or IOException
                        or JsonException
                        or ObjectDisposedException
            )
        {
            // It went without a word, or said what nobody understands: either way it is over.
        }
        _gone = true;
        _wake.Set();
    }

    private async Task PartAsync(LiveEnd end)
    {
        if (end == LiveEnd.Stalled || socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            socket.Abort();
            return;
        }
        using var deadline = new CancellationTokenSource(CloseGrace, time);
        try
        {
            await socket.CloseOutputAsync(
                end == LiveEnd.SignedOut ? SignedOut : WebSocketCloseStatus.EndpointUnavailable,
                null,
                deadline.Token
            );
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            socket.Abort();
        }
    }

    /// <summary>The newest message of the page; an older one that nobody has read yet says nothing any more.</summary>
    private sealed record Said(JsonElement Value);
}
