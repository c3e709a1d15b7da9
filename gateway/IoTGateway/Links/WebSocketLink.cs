using IoTGateway.Links.Frames;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links;

/// <summary>
/// One link of one device, from the upgrade to its end. <see cref="RunAsync"/> reads; a second loop
/// (<c>WebSocketLink.Send.cs</c>) writes, so that a slow device holds up nobody.
/// </summary>
internal sealed partial class WebSocketLink : IDeviceLink, IDisposable
{
    /// <summary>How long a peer has to answer a close frame; the stock client of the boards never does.</summary>
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(2);

    private readonly UpgradedConnection _connection;
    private readonly LinkServices _services;
    private readonly DeviceSession _session;
    private readonly FrameReader _frames;
    private readonly FrameWriter _output;
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenRegistration _connectionEnds;
    private OnceSignal _readingEnded;
    private ITimer? _helloTimer;
    private volatile bool _isReading;

    public WebSocketLink(string device, UpgradedConnection connection, string subprotocol, LinkServices services)
    {
        Device = device;
        _connection = connection;
        _services = services;
        _frames = new FrameReader(connection.Input, services.Limits.MessageBytes);
        _output = new FrameWriter(connection.Output);
        _session = new DeviceSession(this, subprotocol, services);
    }

    public string Device { get; }

    public DeviceSession? Listener => _session;

    public bool IsStream => true;

    /// <summary>Runs the link until it ends.</summary>
    /// <param name="isStillAllowed">
    /// Asked once more when the link can be found by whoever takes its token back: that may have been in between.
    /// </param>
    /// <param name="cancellationToken">The connection's end.</param>
    public Task RunAsync(Func<bool> isStillAllowed, CancellationToken cancellationToken)
    {
        _connectionEnds = cancellationToken.UnsafeRegister(
            static link => ((WebSocketLink)link!).ConnectionEnded(), // the state given here
            this
        );
        _services.Metrics.LinkOpened();
        _session.Status.SetOnline(this, _services.NowMs);
        _services.Links.Add(this);
        if (!isStillAllowed())
            Close(LinkEnd.Revoked);
        // What only the opening needs is not kept for as long as the link lasts.
        return ServeAsync();
    }

    private async Task ServeAsync()
    {
        var sending = SendLoopAsync();
        try
        {
            if (_session.Dialect.StartsWithHello)
                _helloTimer = _services.Time.CreateTimer(
                    static link => ((WebSocketLink)link!).Close(LinkEnd.NoHello), // the state given here
                    this,
                    TimeSpan.FromSeconds(_services.Limits.HelloSeconds),
                    Timeout.InfiniteTimeSpan
                );
            else
                await _session.OpenAsync(null, _stop.Token);
            var end = await ReadLoopAsync();
            Close(end);
            await (end == LinkEnd.OverRate ? HoldBackAsync() : DiscardAsync(end));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The sending side has ended the link while this one waited for room in the journal.
            Close(LinkEnd.Cut);
        }
        catch (Exception e)
        {
            _services.LogFailed(e, Device);
            Close(LinkEnd.Error);
        }
        finally
        {
            _readingEnded.Set();
            await sending;
            await EndReadingAsync();
            End();
        }
    }

    public ValueTask OpenAsync(DeviceSession session, Hello? hello, CancellationToken cancellationToken)
    {
        _helloTimer?.Dispose();
        _helloTimer = null;
        if (hello is { } said)
        {
            session.Introduce(said);
            session.SendWelcome();
        }
        session.IsOpen = true;
        _services.Settings.Deliver(session);
        return _services.Commands.DeliverAsync(session, cancellationToken);
    }

    /// <summary>Nothing is lost on a link without its end: each is said once.</summary>
    public bool IsDue(Notice notice) => true;

    public void Settle(Notice notice) { }

    public void SendRetryAfter(uint milliseconds) => _session.SendRetryAfter(milliseconds);

    public void Close(LinkEnd end)
    {
        _session.Close(end);
        CutAfter(end == LinkEnd.Revoked ? RevokedGrace : SendTimeout);
    }

    public void Dispose()
    {
        _connectionEnds.Dispose();
        _helloTimer?.Dispose();
        _cutTimer?.Dispose();
        _frames.Dispose();
        _stop.Dispose();
    }

    /// <summary>A read learns by itself why it ended; who waits for room in the journal must be told.</summary>
    private void ConnectionEnded()
    {
        _gone.Set();
        if (!_isReading)
            Close(LinkEnd.Cut);
    }

    private async Task<LinkEnd> ReadLoopAsync()
    {
        while (true)
        {
            LinkEnd? ended;
            _isReading = true;
            if (_reading is not null)
                ended = await NextAsync();
            else
            {
                try
                {
                    // FrameReader.ReadAsync without its step from the socket to here: a tenth of the time of the sockets' thread.
                    while (!_frames.TryTake(await _frames.MoreAsync(), out ended))
                    {
                        if (_frames.TakePing() is { } ping)
                            await PingedAsync(ping);
                    }
                }
                catch (Exception failure) when (FrameReader.IsEnd(failure))
                {
                    ended = LinkEnd.Cut;
                }
            }
            _isReading = false;
            if (ended is not null || _gone.IsSet)
                return ended ?? LinkEnd.Cut;
            // Whoever is told to go is not heard any more: not with a token that was taken back, for one.
            if (_session.Closing is not null)
                continue;
            if (_frames.Kind != _session.Dialect.Kind)
                return LinkEnd.WrongKind;
            var taking = _session.TakeAsync(_frames.Message, _stop.Token);
            if (await (taking.IsCompleted ? taking : TakeSlowlyAsync(taking.AsTask())) is { } unfit)
                return unfit;
        }
    }

    /// <summary>
    /// Reads on until the peer has answered the close frame or gone. Closing over bytes that nobody has read would reset
    /// the connection, and the reset overtakes the close frame: the device would never learn why.
    /// </summary>
    private async Task DiscardAsync(LinkEnd end)
    {
        LinkEnd? last = end;
        while (last is not (LinkEnd.Closed or LinkEnd.Cut))
            last = await NextAsync();
    }

    /// <summary>
    /// A flood is not read on: TCP holds it back while the close frame is on its way, and it costs nobody else anything.
    /// </summary>
    private async Task HoldBackAsync() =>
        await _gone
            .WaitAsync()
            .WaitAsync(CloseGrace, _services.Time, _stop.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void End()
    {
        var end = _session.Closing ?? LinkEnd.Cut;
        _services.Metrics.LinkEnded(end);
        if (_services.Links.Remove(this))
            _services.Registry.SetLastSeen(Device);
        _session.Status.SetOffline(this, _services.NowMs, end);
        _services.LogEnded(Device, end);
    }
}
