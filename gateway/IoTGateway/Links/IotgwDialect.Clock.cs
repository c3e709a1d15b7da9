using IoTGateway.Admission;
using IoTGateway.Protocol;

namespace IoTGateway.Links;

/// <summary>What is added to times of a device whose clock was never set.</summary>
internal sealed partial class IotgwDialect
{
    private ClockTrail _trail;

    private long Offset(in Admitted admitted) =>
        DeviceSession.IsSet(admitted.Header.Clock, admitted.LastMs) ? 0 : BootTime(admitted);

    /// <summary>Likewise for what is no row: without a boot time it stays as it came.</summary>
    private long Offset(ClockKind clock, ulong ms, uint epoch) =>
        DeviceSession.IsSet(clock, (long)ms) ? 0 : session.Status.FindBootTime(epoch, services.SkewMs) ?? 0;

    /// <summary>
    /// When the message's epoch booted. A boot that ended before it ever reached the gateway told nobody when it
    /// began: its first message is taken to end where the present boot begins, which keeps its rows in order.
    /// </summary>
    private long BootTime(Admitted admitted)
    {
        var epoch = admitted.Header.Epoch;
        if (session.Status.FindBootTime(epoch, services.SkewMs) is { } known)
            return known;
        var present = _epoch == epoch ? null : session.Status.FindBootTime(_epoch, services.SkewMs);
        var estimate = (present ?? services.NowMs) - admitted.LastMs;
        session.Status.SetBootTime(epoch, estimate, services.SkewMs);
        services.Metrics.TimeEstimated();
        return estimate;
    }
}
