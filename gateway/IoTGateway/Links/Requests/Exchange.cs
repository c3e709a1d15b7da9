using IoTGateway.Protocol;

namespace IoTGateway.Links.Requests;

/// <summary>One request and its answer: takes the messages in, waits until they are on disk, then for what there is to say.</summary>
internal sealed class Exchange
{
    /// <summary>For the disk: a request that is not settled by then is refused, and comes again.</summary>
    private static readonly TimeSpan LongestIntake = TimeSpan.FromSeconds(10);

    /// <summary>A varint of a message's length has no more.</summary>
    private const int MostLengthBytes = 3;

    private readonly PolledLink _link;
    private readonly DeviceRequest _request;
    private readonly LinkServices _services;
    private readonly List<Notice> _told = [];
    private volatile bool _released;
    private bool _isBye;

    public Exchange(PolledLink link, DeviceRequest request, LinkServices services)
    {
        (_link, _request, _services) = (link, request, services);
        Session = new DeviceSession(link, request.Format.Subprotocol, services);
    }

    public DeviceSession Session { get; }

    /// <summary>Takes in what the device has sent.</summary>
    /// <returns>Why the request is refused; null where all of it is settled.</returns>
    public async Task<HandshakeAnswer?> TakeInAsync(ReadOnlyMemory<byte> body, ReadOnlyMemory<Range> messages)
    {
        using var deadline = new CancellationTokenSource(LongestIntake, _services.Time);
        using var late = deadline.Token.UnsafeRegister(static session => ((DeviceSession)session!).Wake(), Session); // given here
        try
        {
            await _link.Intake.WaitAsync(deadline.Token);
            try
            {
                if (!Session.Dialect.StartsWithHello)
                    await Session.OpenAsync(null, deadline.Token);
                if (RequestRefusals.Of(await TakeAsync(body, messages, deadline.Token)) is { } refused)
                    return refused;
            }
            finally
            {
                _link.Intake.Release();
            }
            while (!Session.IsSettled && Session.Closing is not (LinkEnd.Cut or LinkEnd.Error))
            {
                deadline.Token.ThrowIfCancellationRequested();
                await Session.ChangedAsync();
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return RequestRefusals.NotDurable;
        }
        return _request.Format.Subprotocol == IotgwDialect.Name || Session.RefusedBecause is not { } reason
            ? null
            : RequestRefusals.Pack(reason);
    }

    /// <summary>Waits, as long as the request allows, until there is something to say.</summary>
    /// <returns>Why the request is refused after all; null where its answer may be composed.</returns>
    public async Task<HandshakeAnswer?> ListenAsync(PolledLinks polled)
    {
        if (!_isBye && Session.Closing is null)
        {
            if (_request.Wait == TimeSpan.Zero || IsWorthAnAnswer)
                await DeliverAsync();
            else if (polled.TryHold())
                await HoldAsync(polled);
            else
                await SendAwayAsync(polled);
        }
        return RequestRefusals.Of(Session.Closing);
    }

    /// <summary>Writes the answer's body. What it says counts as said from here on.</summary>
    public void Compose(WireWriter answer)
    {
        var scratch = new WireWriter();
        var most = Session.MaxMessageBytes + ProtocolLimits.AnswerExtraBytes;
        Session.Dialect.WriteWelcome(scratch);
        if (scratch.Length > 0)
            _request.Format.Write(answer, scratch.Written);
        while (Session.TryTake(scratch, out var about, out _))
        {
            // What is left out was not said: it is in the next answer.
            if (!about.IsNone && answer.Length + scratch.Length + MostLengthBytes > most)
                continue;
            _request.Format.Write(answer, scratch.Written);
            if (!about.IsNone)
                _told.Add(about);
        }
        _request.Format.End(answer);
        _link.Notices.Told(_told);
    }

    /// <summary>The answer did not go out.</summary>
    public void TakeBack() => _link.Notices.TakeBack(_told);

    /// <summary>Nobody waits for the answer any more.</summary>
    public void Abandon() => Session.Close(LinkEnd.Cut);

    /// <summary>Another request takes its place: it is answered with what there is.</summary>
    public void Release()
    {
        _released = true;
        Session.Wake();
    }

    public void Finish()
    {
        _link.Finish(this, _request.Every);
        if (_isBye)
            _link.Close(LinkEnd.Bye);
    }

    /// <summary>Ends the link of a device whose token was taken back while it was not yet in the table.</summary>
    public void Revoke() => _link.Close(LinkEnd.Revoked);

    private bool IsWorthAnAnswer => Session.HasMessages || Session.Dialect.NeedsCatalog;

    private async Task<LinkEnd?> TakeAsync(
        ReadOnlyMemory<byte> body,
        ReadOnlyMemory<Range> messages,
        CancellationToken cancellationToken
    )
    {
        for (var i = 0; i < messages.Length; i++)
        {
            // Whoever is told to go is not heard any more: not with a token that was taken back, for one. While the gateway
            // stops there is time for a whole request.
            if (Session.Closing is { } closing and not LinkEnd.Shutdown)
                return closing;
            var end = await Session.TakeAsync(body[messages.Span[i]], cancellationToken);
            _isBye = end == LinkEnd.Bye;
            if (_isBye && i < messages.Length - 1)
                return LinkEnd.Malformed;
            if (end is not null)
                return end;
        }
        return null;
    }

    private async Task HoldAsync(PolledLinks polled)
    {
        var began = _services.Time.GetTimestamp();
        _link.Hold(this);
        try
        {
            // From here on what comes is sent by whoever brings it; what has come before is looked for once.
            await DeliverAsync();
            while (!IsWorthAnAnswer && Session.Closing is null && !_released)
            {
                var left = _request.Wait - _services.Time.GetElapsedTime(began);
                if (left <= TimeSpan.Zero)
                    return;
                var again = _link.Notices.UntilAgain;
                if (again <= TimeSpan.Zero)
                    await DeliverAsync();
                else
                    await Session.ChangedAsync(again < left ? again.Value : left);
            }
        }
        finally
        {
            _link.LetGo(this);
            polled.LetGo();
        }
    }

    private async Task DeliverAsync()
    {
        _link.Notices.ForgetOld();
        _services.Settings.Deliver(Session);
        await _services.Commands.DeliverNowAsync(Session, CancellationToken.None);
    }

    private async Task SendAwayAsync(PolledLinks polled)
    {
        await DeliverAsync();
        if (IsWorthAnAnswer)
            return;
        _services.Metrics.RequestNotHeld();
        Session.SendRetryAfter((uint)polled.ComeBackAfter().TotalMilliseconds);
    }
}
