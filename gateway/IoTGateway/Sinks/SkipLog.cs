using IoTGateway.Protocol;

namespace IoTGateway.Sinks;

/// <summary>
/// Says what a sink had to leave out, at most one line a minute and kind: the counters tell how often, the line tells
/// where to look.
/// </summary>
internal sealed partial class SkipLog(string sink, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private long _damaged;
    private long _unknown;
    private long _impossible;
    private long _rejected;

    public void DamagedRecord(string device, long offset, DecodeError error)
    {
        if (IsDue(ref _damaged))
            LogDamaged(logger, sink, offset, device, error);
    }

    public void UnknownCatalog(string device, long offset, uint hash)
    {
        if (IsDue(ref _unknown))
            LogUnknown(logger, sink, offset, device, hash);
    }

    public void ImpossibleTime(string device, long offset, long time, long clockOffset)
    {
        if (IsDue(ref _impossible))
            LogImpossible(logger, sink, offset, device, time, clockOffset);
    }

    public void Rejected(int rows, string device, string reason)
    {
        if (IsDue(ref _rejected))
            LogRejected(logger, sink, rows, device, reason);
    }

    /// <summary>Timestamps of 0 mean never; the loop that calls is the only writer.</summary>
    private bool IsDue(ref long last)
    {
        var now = clock.GetTimestamp();
        if (last != 0 && clock.GetElapsedTime(last, now) < Pause)
            return false;
        last = now;
        return true;
    }

    [LoggerMessage(
        2000,
        LogLevel.Warning,
        "{Sink}: the journal record at {Offset} of device {Device} does not decode ({Error}); it is skipped"
    )]
    private static partial void LogDamaged(ILogger logger, string sink, long offset, string device, DecodeError error);

    [LoggerMessage(
        2001,
        LogLevel.Warning,
        "{Sink}: the journal record at {Offset} of device {Device} was written under catalog {Hash:x8}, which is not "
            + "in control.db; it is skipped. Was control.db restored from an older backup?"
    )]
    private static partial void LogUnknown(ILogger logger, string sink, long offset, string device, uint hash);

    [LoggerMessage(
        2002,
        LogLevel.Warning,
        "{Sink}: rows in the journal record at {Offset} of device {Device} have an impossible time ({Time} ms, clock "
            + "offset {ClockOffset} ms); they are skipped. Check the clocks of the device and of this machine"
    )]
    private static partial void LogImpossible(
        ILogger logger,
        string sink,
        long offset,
        string device,
        long time,
        long clockOffset
    );

    [LoggerMessage(
        2003,
        LogLevel.Warning,
        "{Sink}: {Rows} rows, the first of device {Device}, will never be taken: {Reason}. They are in rejected.db"
    )]
    private static partial void LogRejected(ILogger logger, string sink, int rows, string device, string reason);
}
