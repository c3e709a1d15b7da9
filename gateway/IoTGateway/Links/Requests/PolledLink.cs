using IoTGateway.Devices;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links.Requests;

/// <summary>
/// A device that makes requests (PROTOCOL.md, "HTTP"): what is known of it from one to the next. It is online while they
/// come; what was said to it and not answered is said again after a while.
/// </summary>
internal sealed class PolledLink : IDeviceLink, IDisposable
{
    private readonly LinkServices _services;
    private readonly DeviceStatus _status;
    private readonly Lock _lock = new();
    private readonly List<Exchange> _exchanges = [];
    private readonly ITimer _silence;
    private Exchange? _held;
    private (string Firmware, string Board, uint Catalog, ClockKind Clock, uint Epoch)? _introduced;
    private LinkEnd? _end;

    public PolledLink(string device, uint epoch, LinkServices services)
    {
        (Device, Epoch, _services) = (device, epoch, services);
        _status = services.Statuses.Of(device);
        Notices = new Notices(services.Time);
        _silence = services.Time.CreateTimer(
            static link => ((PolledLink)link!).FallSilent(), // the state given here
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    public string Device { get; }

    public bool IsStream => false;

    /// <summary>The boot that speaks; 0 where the subprotocol has none.</summary>
    public uint Epoch { get; }

    /// <summary>One request's messages at a time: what a device sends in an order is taken in that order.</summary>
    public SemaphoreSlim Intake { get; } = new(1);

    /// <summary>The request that is held.</summary>
    public DeviceSession? Listener => Volatile.Read(ref _held)?.Session;

    /// <summary>What the device was told and has not answered.</summary>
    public Notices Notices { get; }

    /// <summary>A request begins.</summary>
    /// <returns>False where the link has ended.</returns>
    public bool TryBegin(Exchange exchange)
    {
        lock (_lock)
        {
            if (_end is not null)
                return false;
            _exchanges.Add(exchange);
            _silence.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    /// <summary>A request has ended; the next one is expected within the time.</summary>
    public void Finish(Exchange exchange, TimeSpan every)
    {
        lock (_lock)
        {
            _exchanges.Remove(exchange);
            if (_exchanges.Count > 0)
                return;
            if (_end is null)
            {
                _silence.Change(2 * every, Timeout.InfiniteTimeSpan);
                return;
            }
        }
        End();
    }

    /// <summary>From now on a request takes what comes for the device; one that did so before is answered.</summary>
    public void Hold(Exchange exchange)
    {
        Exchange? older;
        lock (_lock)
            (older, _held) = (_held, exchange);
        older?.Release();
    }

    public void LetGo(Exchange exchange)
    {
        lock (_lock)
        {
            if (_held == exchange)
                _held = null;
        }
    }

    public ValueTask OpenAsync(DeviceSession session, Hello? hello, CancellationToken cancellationToken)
    {
        if (hello is { } said)
        {
            var news = (said.Firmware, said.Board, said.CatalogHash, said.Clock, said.Epoch);
            if (_introduced != news)
                session.Introduce(said);
            else
                session.Compare(said);
            _introduced = news;
        }
        session.IsOpen = true;
        // What there is to hear is looked for when all of the request has been taken.
        return default;
    }

    public bool IsDue(Notice notice) => Notices.IsDue(notice);

    public void Settle(Notice notice) => Notices.Settle(notice);

    public void SendRetryAfter(uint milliseconds)
    {
        lock (_lock)
            _exchanges.ForEach(exchange => exchange.Session.SendRetryAfter(milliseconds));
    }

    public void Close(LinkEnd end)
    {
        lock (_lock)
        {
            if (_end is not null)
                return;
            _end = end;
            _exchanges.ForEach(exchange => exchange.Session.Close(end));
            if (_exchanges.Count > 0)
                return;
        }
        End();
    }

    public void Dispose()
    {
        _silence.Dispose();
        Intake.Dispose();
    }

    /// <summary>The device is there; the table knows it.</summary>
    public void Begin()
    {
        _services.Metrics.LinkOpened();
        _status.SetOnline(this, _services.NowMs);
        _services.Links.Add(this);
    }

    /// <summary>The time is over; a request that has come at this very moment is in time.</summary>
    private void FallSilent()
    {
        lock (_lock)
        {
            if (_end is not null || _exchanges.Count > 0)
                return;
            _end = LinkEnd.Silent;
        }
        End();
    }

    private void End()
    {
        var end = _end ?? LinkEnd.Cut;
        _services.Metrics.LinkEnded(end);
        if (_services.Links.Remove(this))
            _services.Registry.SetLastSeen(Device);
        _status.SetOffline(this, _services.NowMs, end);
        _services.LogEnded(Device, end);
        Dispose();
    }
}
