using IoTGateway.Devices;

namespace IoTGateway.Sinks;

/// <summary>What changes the file; each change is on disk when it returns.</summary>
internal sealed partial class RejectedRows
{
    private int Insert(string sink, IReadOnlyList<RejectedRow> rows)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        var added = 0;
        foreach (var row in rows)
            added += connection.Execute(
                "INSERT OR IGNORE INTO rejected (sink, device, journal_offset, row, reason, at) "
                    + "VALUES ($sink, $device, $offset, $row, $reason, $at)",
                ("$sink", sink),
                ("$device", row.Device),
                ("$offset", row.JournalOffset),
                ("$row", row.Row),
                ("$reason", Short(row.Reason)),
                ("$at", NowMs)
            );
        var dropped = connection.Execute(
            "DELETE FROM rejected WHERE sink = $sink AND id <= "
                + "(SELECT id FROM rejected WHERE sink = $sink ORDER BY id DESC LIMIT 1 OFFSET $keep)",
            ("$sink", sink),
            ("$keep", PerSink)
        );
        transaction.Commit();
        _dropped.AddOrUpdate(sink, dropped, (_, before) => before + dropped);
        return added;
    }

    private int Change(string sql, string sink, IEnumerable<(long Id, string Reason)> rows) =>
        Guarded(() =>
        {
            using var connection = Open();
            using var transaction = connection.BeginTransaction();
            var changed = 0;
            foreach (var (id, reason) in rows)
                changed += connection.Execute(
                    sql,
                    ("$sink", sink),
                    ("$id", id),
                    ("$reason", Short(reason)),
                    ("$at", NowMs)
                );
            transaction.Commit();
            return changed;
        });
}
