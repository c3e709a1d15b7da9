namespace IoTGateway.Sockets;

/// <summary>What the system says of a socket; the values are those of <c>epoll_ctl(2)</c>.</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,
    Readable = 0x1,
    Writable = 0x4,
    Failed = 0x8,
    HungUp = 0x10,

    /// <summary>The peer sends no more.</summary>
    PeerDone = 0x2000,

    /// <summary>In a wish: each change is told once.</summary>
    OnChange = 0x8000_0000,
}
