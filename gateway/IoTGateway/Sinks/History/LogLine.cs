using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.History;

/// <summary>A line of a device's log, on the wall clock.</summary>
/// <param name="UnixMs">When the device wrote it; when it came, where the device cannot tell.</param>
/// <param name="Level">0 trace to 5 critical.</param>
/// <param name="Category">Part of the firmware that speaks.</param>
/// <param name="Message">What it says.</param>
internal readonly record struct LogLine(long UnixMs, byte Level, string Category, string Message)
{
    private static readonly string[] Names = ["trace", "debug", "information", "warning", "error", "critical"];

    /// <summary>The levels' names, for a person who has to choose one.</summary>
    public static string AllLevels => string.Join(", ", Names);

    public string LevelName => Names[Level];

    /// <summary>False: the record is no LOG.</summary>
    public static bool TryRead(in JournalRecord record, out LogLine line)
    {
        line = default;
        var body = record.Body.Span;
        if (body.IsEmpty || body[0] != (byte)MessageType.Log || !DeviceLog.TryRead(body, out var log, out _))
            return false;
        line = new LogLine(TimeOf(record, log), log.Level, log.Category, log.Message);
        return true;
    }

    /// <summary>A level's name, or its number.</summary>
    public static bool TryLevel(string text, out byte level)
    {
        var index = Array.FindIndex(Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (index < 0 && (!int.TryParse(text, out index) || index < 0 || index >= Names.Length))
        {
            level = 0;
            return false;
        }
        level = (byte)index;
        return true;
    }

    private static long TimeOf(in JournalRecord record, in DeviceLog log)
    {
        var time = (Int128)log.AtMs + record.ClockOffsetMs;
        // Without a boot time the offset is 0: a line would stand in 1970.
        return time >= ProtocolLimits.EarliestUnixMs && time <= ProtocolLimits.LatestUnixMs
            ? (long)time
            : record.ReceivedUnixMs;
    }
}
