using IoTGateway.Devices;
using IoTGateway.Links.Senml;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links;

/// <summary>
/// What a device says and is to hear, from its first message on: for as long as a WebSocket is open, or for one request.
/// Its link brings the messages in, and takes out what <c>DeviceSession.Outbox.cs</c> holds.
/// </summary>
internal sealed partial class DeviceSession
{
    private readonly IDeviceLink _link;
    private readonly LinkServices _services;

    public DeviceSession(IDeviceLink link, string subprotocol, LinkServices services)
    {
        _link = link;
        _services = services;
        Status = services.Statuses.Of(link.Device);
        Dialect =
            subprotocol == SenmlDialect.Name ? new SenmlDialect(this, services) : new IotgwDialect(this, services);
    }

    public string Device => _link.Device;

    public bool IsStream => _link.IsStream;

    public DeviceStatus Status { get; }

    public ILinkDialect Dialect { get; }

    /// <summary>True once the device has introduced itself. The link's own.</summary>
    public bool IsOpen { get; set; }

    /// <summary>True once it got the commands that waited: later ones are sent as they come. The dispatcher's own.</summary>
    public bool HasCommands { get; set; }

    /// <summary>Largest message the device takes, as its HELLO said.</summary>
    public int MaxMessageBytes { get; set; } = ProtocolLimits.MessageBytes;

    /// <summary>Takes a message in; may wait for room in the journal.</summary>
    /// <returns>How the link must end because of it; null to go on.</returns>
    public ValueTask<LinkEnd?> TakeAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (!Status.TryTakeMessage(_services.Limits.MessagesPerSecondPerDevice, _services.Time))
            return ValueTask.FromResult<LinkEnd?>(LinkEnd.OverRate);
        var pace = _services.PaceAsync(cancellationToken);
        return pace.IsCompletedSuccessfully
            ? Dialect.ReceiveAsync(message, cancellationToken)
            : TakeInTurnAsync(pace, message, cancellationToken);
    }

    private async ValueTask<LinkEnd?> TakeInTurnAsync(
        ValueTask pace,
        ReadOnlyMemory<byte> message,
        CancellationToken cancellationToken
    )
    {
        await pace;
        return await Dialect.ReceiveAsync(message, cancellationToken);
    }

    /// <summary>The device is there and understood: settings and commands may flow.</summary>
    public ValueTask OpenAsync(Hello? hello, CancellationToken cancellationToken) =>
        _link.OpenAsync(this, hello, cancellationToken);

    /// <summary>Remembers who the device says it is, and what its clock shows.</summary>
    public void Introduce(Hello hello)
    {
        Compare(hello);
        if (!IsSet(hello.Clock, (long)hello.NowMs))
            Status.SetBootTime(hello.Epoch, _services.NowMs - (long)hello.NowMs, _services.SkewMs);
        _services.Registry.Introduce(Device, hello.Firmware, hello.Board, hello.CatalogHash);
        _services.LogOpened(Device, hello.Epoch, hello.Firmware, hello.Board);
    }

    /// <summary>Holds the device's clock against the gateway's.</summary>
    public void Compare(Hello hello)
    {
        var clock = (long)hello.NowMs;
        Status.SetClockSkew(IsSet(hello.Clock, clock) ? clock - _services.NowMs : null, _services.SkewMs);
    }

    /// <summary>Likewise, by the newest row of a message of the present boot.</summary>
    public void Compare(long lastMs, ref ClockTrail trail)
    {
        var skew = _services.SkewMs;
        Status.SetClockSkew(trail.Follow(lastMs, _services.NowMs, Status.FindClockSkew(skew)), skew);
    }

    /// <summary>Whether a time is of a clock that was set; one near 1970 has counted from its boot (PROTOCOL.md, "Times").</summary>
    public static bool IsSet(ClockKind clock, long ms) =>
        clock == ClockKind.Unix && ms >= ProtocolLimits.EarliestUnixMs;

    /// <summary>The device has answered a COMMAND or a DESIRED.</summary>
    public void Settle(Notice notice) => _link.Settle(notice);
}
