using Microsoft.Extensions.Logging;

namespace IoTGateway.Journal;

internal static partial class JournalLog
{
    [LoggerMessage(
        1000,
        LogLevel.Information,
        "Journal open: {Segments} segments, {Records} records scanned, end at {End}"
    )]
    public static partial void Opened(ILogger logger, int segments, long records, long end);

    [LoggerMessage(
        1001,
        LogLevel.Warning,
        "Journal: cut {Bytes} bytes at {Position} off {Path}: a record that a crash interrupted, so never acknowledged"
    )]
    public static partial void TailCut(ILogger logger, long bytes, long position, string path);

    [LoggerMessage(
        1002,
        LogLevel.Error,
        "Journal: {Bytes} bytes at {Position} of {Path} are lost ({What}); reading goes on behind them. Check the disk"
    )]
    public static partial void Damaged(ILogger logger, string path, long position, long bytes, string what);

    [LoggerMessage(1003, LogLevel.Error, "{Reason}")]
    public static partial void Stopped(ILogger logger, string? reason);

    [LoggerMessage(1004, LogLevel.Information, "journal: writing again; acknowledgements go on")]
    public static partial void Recovered(ILogger logger);

    [LoggerMessage(
        1005,
        LogLevel.Warning,
        "Journal: stopped with {Messages} messages unacknowledged; their devices keep them ({Reason})"
    )]
    public static partial void GaveUp(ILogger logger, int messages, string? reason);

    [LoggerMessage(1006, LogLevel.Error, "Journal: an acknowledge delegate threw; the message is on disk all the same")]
    public static partial void AcknowledgeFailed(ILogger logger, Exception fault);

    [LoggerMessage(1007, LogLevel.Debug, "Journal: removed {Path}; every cursor has passed it")]
    public static partial void SegmentRemoved(ILogger logger, string path);

    [LoggerMessage(1008, LogLevel.Warning, "Journal: cannot remove {Path}: {Reason}; it is tried again")]
    public static partial void SegmentNotRemoved(ILogger logger, string path, string reason);

    [LoggerMessage(
        1010,
        LogLevel.Warning,
        "Journal: the run before, begun {Begun:u}, ended without a stop (killed, crashed or power cut), {Times} in a row now. Recovered: {Segments} "
            + "segments, {Records} records read through, {Cut} torn bytes cut off, {Damages} damaged places"
    )]
    public static partial void CutShort(
        ILogger logger,
        DateTimeOffset begun,
        int times,
        int segments,
        long records,
        long cut,
        int damages
    );

    [LoggerMessage(
        1009,
        LogLevel.Error,
        "Journal: cursor {Cursor} asks for {Start}, beyond the end at {End}; it reads from the oldest record, {Oldest}"
    )]
    public static partial void CursorBeyondEnd(ILogger logger, string cursor, long start, long end, long oldest);
}
