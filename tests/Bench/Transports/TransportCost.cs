namespace IoTGateway.Bench.Transports;

/// <summary>One line of the table: what an update costs.</summary>
/// <param name="Transport">How the device speaks.</param>
/// <param name="Direction"><c>up</c>: a row; <c>down</c>: a command, with its result.</param>
/// <param name="PerMinute">Updates a minute of each device.</param>
/// <param name="IsComputed">From the costs of the run at one a second and of an idle device, and not measured.</param>
/// <param name="Bytes">On the socket, both ways.</param>
/// <param name="Requests">HTTP requests.</param>
/// <param name="CpuMilliseconds">Of the gateway's process.</param>
/// <param name="MedianMs">Until the device has the command; null for rows.</param>
/// <param name="P99Ms">Likewise.</param>
/// <param name="Updates">In the run; 0 where it is computed.</param>
internal sealed record TransportCost(
    string Transport,
    string Direction,
    int PerMinute,
    bool IsComputed,
    double Bytes,
    double Requests,
    double CpuMilliseconds,
    double? MedianMs,
    double? P99Ms,
    double Updates
)
{
    public const string Up = "up";
    public const string Down = "down";

    public static TransportCost Of(Transport transport, string direction, int perMinute, Observed run) =>
        new(
            transport.Name,
            direction,
            perMinute,
            false,
            run.Bytes / run.Updates,
            run.Requests / run.Updates,
            1000 * run.CpuSeconds / run.Updates,
            run.Milliseconds.Length == 0 ? null : run.Milliseconds[run.Milliseconds.Length / 2],
            run.Milliseconds.Length == 0 ? null : run.Milliseconds[(int)(run.Milliseconds.Length * 0.99)],
            run.Updates
        );

    /// <summary>
    /// The same at one a minute: what an update adds is the same, and of the time between two updates there is sixty times as
    /// much.
    /// </summary>
    /// <param name="idle">What a device that says and hears nothing costs in a second.</param>
    public TransportCost OncePerMinute(IdleCost idle) =>
        this with
        {
            PerMinute = 1,
            IsComputed = true,
            Bytes = Bytes + (59 * idle.Bytes),
            Requests = Requests + (59 * idle.Requests),
            CpuMilliseconds = CpuMilliseconds + (59 * idle.CpuMilliseconds),
            Updates = 0,
        };
}

/// <summary>What a device that says and hears nothing costs in a second.</summary>
internal readonly record struct IdleCost(double Bytes, double Requests, double CpuMilliseconds)
{
    public static IdleCost Of(Observed run, int devices) =>
        new(
            run.Bytes / run.Seconds / devices,
            run.Requests / run.Seconds / devices,
            1000 * run.CpuSeconds / run.Seconds / devices
        );

    /// <summary>The same requests, more or less often.</summary>
    public IdleCost At(double requestsPerSecond) =>
        new(Bytes / Requests * requestsPerSecond, requestsPerSecond, CpuMilliseconds / Requests * requestsPerSecond);
}
