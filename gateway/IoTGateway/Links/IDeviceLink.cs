using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links;

/// <summary>How a device is reached: a WebSocket, or the requests it makes (PROTOCOL.md, "HTTP"). A device has one at a time.</summary>
internal interface IDeviceLink
{
    string Device { get; }

    /// <summary>Messages go out as they come; a request takes them all at its end.</summary>
    bool IsStream { get; }

    /// <summary>Takes what comes for the device at this moment; null between two requests.</summary>
    DeviceSession? Listener { get; }

    /// <summary>The device of a session has introduced itself; null where its subprotocol has no HELLO.</summary>
    ValueTask OpenAsync(DeviceSession session, Hello? hello, CancellationToken cancellationToken);

    /// <summary>Whether to say this now: not where it was said a moment ago and may just be on its way.</summary>
    bool IsDue(Notice notice);

    /// <summary>The device has answered this: it need not be said again.</summary>
    void Settle(Notice notice);

    void SendRetryAfter(uint milliseconds);

    /// <summary>Ends the link, for the first reason given; what is queued goes out before.</summary>
    void Close(LinkEnd end);
}

/// <summary>What is said again until the device has answered it.</summary>
/// <param name="Command">A COMMAND's id, or none.</param>
/// <param name="Settings">A DESIRED's version, or 0.</param>
internal readonly record struct Notice(Guid Command, uint Settings = 0)
{
    public bool IsNone => this == default;

    public static Notice OfSettings(uint version) => new(Guid.Empty, version);
}
