using IoTGateway.VirtualDevice;

namespace IoTGateway.Cli;

/// <summary>A fleet at one moment: what its devices say themselves.</summary>
/// <param name="Devices">How many there are.</param>
/// <param name="Connected">Of them, with an open link.</param>
/// <param name="RowsSampled">By all since the start.</param>
/// <param name="RowsAcknowledged">Durable at the gateway.</param>
/// <param name="RowsLost">Dropped, refused, or in RAM when their device ended.</param>
/// <param name="LinksOpened">Over all devices; more than one each means reconnects.</param>
/// <param name="ConnectFailures">Attempts that came to nothing.</param>
internal sealed record FleetStatus(
    int Devices,
    int Connected,
    long RowsSampled,
    long RowsAcknowledged,
    long RowsLost,
    long LinksOpened,
    long ConnectFailures
)
{
    /// <summary>After the end: nothing that was sampled is missing, and something was.</summary>
    public bool IsComplete => RowsSampled > 0 && RowsAcknowledged == RowsSampled && RowsLost == 0;

    public static FleetStatus Of(IEnumerable<VirtualDeviceStatus> devices)
    {
        var sum = new FleetStatus(0, 0, 0, 0, 0, 0, 0);
        foreach (var one in devices)
            sum = new FleetStatus(
                sum.Devices + 1,
                sum.Connected + (one.Connected ? 1 : 0),
                sum.RowsSampled + one.RowsSampled,
                sum.RowsAcknowledged + one.RowsAcknowledged,
                sum.RowsLost + one.RowsDropped + one.RowsRefused + one.RowsLost,
                sum.LinksOpened + one.LinksOpened,
                sum.ConnectFailures + one.ConnectFailures
            );
        return sum;
    }
}
