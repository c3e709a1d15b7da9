using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.History;

/// <summary>Stores what devices say beside rows: gaps, and lines of their logs.</summary>
internal sealed class NoteWriter(Statements statements)
{
    /// <summary>Lines of log that are kept of one device: a board in trouble repeats itself.</summary>
    public const int MostLogLines = 1_000;

    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);

    /// <summary>Records what a device had to drop; the same report again changes nothing.</summary>
    public void AddGap(string device, in Gap gap, long offsetMs)
    {
        statements.Execute(
            "INSERT OR IGNORE INTO gaps (device, epoch, clock, raw_from, raw_to, rows, first, last) "
                + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            device,
            (long)gap.Epoch,
            (long)gap.Clock,
            (long)gap.FromMs,
            (long)gap.ToMs,
            (long)Math.Min(gap.RowsDropped, long.MaxValue),
            (long)gap.FromMs + offsetMs,
            (long)gap.ToMs + offsetMs
        );
    }

    /// <summary>Keeps a line of a device's log.</summary>
    public void AddLog(string device, in LogLine line)
    {
        statements.Execute(
            "INSERT INTO logs (device, id, time, level, category, message) VALUES "
                + "($1, (SELECT ifnull(max(id), 0) + 1 FROM logs WHERE device = $1), $2, $3, $4, $5)",
            device,
            line.UnixMs,
            (long)line.Level,
            line.Category,
            line.Message
        );
        _logged.Add(device);
    }

    /// <summary>Keeps each device's newest lines alone.</summary>
    public void ForgetOldest()
    {
        foreach (var device in _logged)
            ForgetOldestLogs(device);
    }

    /// <summary>Forgets who wrote in this transaction.</summary>
    public void Clear() => _logged.Clear();

    private void ForgetOldestLogs(string device) =>
        statements.Execute(
            "DELETE FROM logs WHERE device = $1 AND id <= "
                + "(SELECT id FROM logs WHERE device = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
            device,
            (long)MostLogLines
        );
}
