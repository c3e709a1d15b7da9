namespace IoTGateway.Bench.Transports;

/// <summary>A way to speak with the gateway.</summary>
/// <param name="Name">As tables and charts call it.</param>
/// <param name="Word">As the command line calls it.</param>
/// <param name="PollSeconds">Between two requests; 0 where there are none, or where they are held.</param>
/// <param name="IsRequests">Whether it makes requests.</param>
internal sealed record Transport(string Name, string Word, int PollSeconds, bool IsRequests)
{
    /// <summary>Longest that the gateway holds a request.</summary>
    public const int HeldSeconds = 30;

    /// <summary>Most commands without result that the gateway sends a device: more do not fit between two polls.</summary>
    private const int MostCommands = 31;

    public static readonly Transport[] All =
    [
        new("polling, 30 s", "polling-30", 30, true),
        new("polling, 5 s", "polling-5", 5, true),
        new("polling, 1 s", "polling-1", 1, true),
        new("long polling", "long-polling", 0, true),
        new("WebSocket", "websocket", 0, false),
    ];

    public bool IsPolling => PollSeconds > 0;

    /// <summary>Requests of a device that neither says nor hears anything, a second.</summary>
    public double IdleRequests =>
        !IsRequests ? 0
        : IsPolling ? 1.0 / PollSeconds
        : 1.0 / HeldSeconds;

    public bool CanCarryCommands(int perSecond) => perSecond * PollSeconds <= MostCommands;

    public override string ToString() => Name;
}
