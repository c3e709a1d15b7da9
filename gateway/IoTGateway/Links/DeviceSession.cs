using System.Net.WebSockets;
using IoTGateway.Devices;
using IoTGateway.Links.Senml;
using IoTGateway.Protocol.Messages;
using IoTGateway.Security;

namespace IoTGateway.Links;

/// <summary>
/// One link of one device, from the upgrade to its end. <see cref="RunAsync"/> reads; a second loop
/// (<c>DeviceSession.Send.cs</c>) writes, so that a slow device holds up nobody.
/// </summary>
internal sealed partial class DeviceSession : IDisposable
{
    /// <summary>How long a peer has to answer a close frame; the stock client of the boards never does.</summary>
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(2);

    private readonly WebSocket _socket;
    private readonly LinkServices _services;
    private readonly ILinkDialect _dialect;
    private readonly FrameReader _frames;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _readingEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TokenBucket _rate;
    private ITimer? _helloTimer;
    private volatile bool _isReading;

    public DeviceSession(string device, WebSocket socket, string subprotocol, LinkServices services)
    {
        Device = device;
        Status = services.Statuses.Of(device);
        _socket = socket;
        _services = services;
        _frames = new FrameReader(socket, services.Limits.MessageBytes);
        _rate = new TokenBucket(
            services.Limits.MessagesPerSecondPerDevice,
            services.Limits.MessagesPerSecondPerDevice * 10.0
        );
        _acknowledge = Acknowledge;
        _sendDeadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, services.Time);
        _dialect =
            subprotocol == SenmlDialect.Name ? new SenmlDialect(this, services) : new IotgwDialect(this, services);
    }

    public string Device { get; }

    public DeviceStatus Status { get; }

    /// <summary>True once the device has introduced itself.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Runs the link until it ends.</summary>
    /// <param name="isStillAllowed">
    /// Asked once more when the link can be found by whoever takes its token back: that may have been in between.
    /// </param>
    /// <param name="cancellationToken">The connection's end.</param>
    public async Task RunAsync(Func<bool> isStillAllowed, CancellationToken cancellationToken)
    {
        using var cancelled = cancellationToken.Register(ConnectionEnded);
        _services.Metrics.LinkOpened();
        Status.SetOnline(this, _services.NowMs);
        _services.Links.Add(this);
        if (!isStillAllowed())
            Close(LinkEnd.Revoked);
        var sending = SendLoopAsync();
        try
        {
            if (_dialect.StartsWithHello)
                _helloTimer = _services.Time.CreateTimer(
                    static session => ((DeviceSession)session!).Close(LinkEnd.NoHello), // the state given here
                    this,
                    TimeSpan.FromSeconds(_services.Limits.HelloSeconds),
                    Timeout.InfiniteTimeSpan
                );
            else
                Open();
            Close(await ReadLoopAsync());
            await DiscardAsync();
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
            _readingEnded.TrySetResult();
            await sending;
            End();
        }
    }

    /// <summary>The device is there and understood: commands may flow.</summary>
    public void Open()
    {
        _helloTimer?.Dispose();
        _helloTimer = null;
        IsOpen = true;
        _services.Commands.Deliver(this);
    }

    public void Dispose()
    {
        _helloTimer?.Dispose();
        _cutTimer?.Dispose();
        _frames.Dispose();
        _stop.Dispose();
        _sendDeadline.Dispose();
        _socket.Dispose();
    }

    /// <summary>A read learns by itself why it ended; who waits for room in the journal must be told.</summary>
    private void ConnectionEnded()
    {
        _gone.TrySetResult();
        if (!_isReading)
            Close(LinkEnd.Cut);
    }

    private async Task<LinkEnd> ReadLoopAsync()
    {
        while (true)
        {
            _isReading = true;
            var ended = await _frames.ReadAsync(_stop.Token);
            _isReading = false;
            if (ended is not null || _gone.Task.IsCompleted)
                return ended ?? LinkEnd.Cut;
            // Whoever is told to go is not heard any more: not with a token that was taken back, for one.
            if (IsClosing)
                continue;
            if (_frames.Kind != _dialect.Kind)
                return LinkEnd.WrongKind;
            if (!_rate.TryTake(_services.Time, out _))
                return LinkEnd.OverRate;
            await _services.PaceAsync(_stop.Token);
            if (await _dialect.ReceiveAsync(_frames.Message, _stop.Token) is { } unfit)
                return unfit;
        }
    }

    /// <summary>
    /// Reads on until the peer has answered the close frame or gone. Closing over bytes that nobody has read would reset
    /// the connection, and the reset overtakes the close frame: the device would never learn why.
    /// </summary>
    private async Task DiscardAsync()
    {
        while (_socket.State is WebSocketState.Open or WebSocketState.CloseSent)
        {
            if (await _frames.ReadAsync(_stop.Token) is LinkEnd.Closed or LinkEnd.Cut or LinkEnd.Silent)
                return;
        }
    }

    private void End()
    {
        var end = _closing ?? LinkEnd.Cut;
        _services.Metrics.LinkEnded(end);
        if (_services.Links.Remove(this))
            _services.Registry.SetLastSeen(Device);
        Status.SetOffline(this, _services.NowMs, end);
        _services.LogEnded(Device, end);
    }
}
