using System.Data.Common;

namespace IoTGateway.Devices;

/// <summary>
/// The tables of <c>control.db</c>, and how a file of an earlier version comes to them. Here, and nowhere else, stands
/// what only SQLite understands.
/// </summary>
internal static class ControlSchema
{
    /// <summary>Each step leads from the version that is its index to the next. A step that was released never changes.</summary>
    private static readonly string[] Steps =
    [
        // The first files carry no version: these tables may be there.
        """
            CREATE TABLE IF NOT EXISTS devices (
                id TEXT PRIMARY KEY, name TEXT NOT NULL, secret BLOB NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
                created INTEGER NOT NULL, firmware TEXT, board TEXT, catalog INTEGER, last_seen INTEGER
            ) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS catalogs (
                device TEXT NOT NULL, hash INTEGER NOT NULL, message BLOB NOT NULL, PRIMARY KEY (device, hash)
            ) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS keys (
                hash BLOB PRIMARY KEY, name TEXT NOT NULL, expires INTEGER NOT NULL
            ) WITHOUT ROWID;
            """,
        """
            CREATE TABLE commands (
                id TEXT PRIMARY KEY, device TEXT NOT NULL, name TEXT NOT NULL, arguments TEXT NOT NULL,
                ttl_ms INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, idempotency_key TEXT,
                sent INTEGER, status INTEGER NOT NULL, changes TEXT NOT NULL, result TEXT NOT NULL
            ) WITHOUT ROWID;
            CREATE INDEX commands_by_device ON commands (device, created);
            CREATE INDEX commands_by_time ON commands (created);
            CREATE INDEX commands_active ON commands (status) WHERE status < 2;
            CREATE UNIQUE INDEX commands_by_key ON commands (device, idempotency_key) WHERE idempotency_key IS NOT NULL;
            CREATE TABLE desired_settings (
                device TEXT PRIMARY KEY, version INTEGER NOT NULL, json TEXT NOT NULL, changed INTEGER NOT NULL,
                changed_by TEXT NOT NULL
            ) WITHOUT ROWID;
            CREATE TABLE reported_settings (
                device TEXT PRIMARY KEY, version INTEGER NOT NULL, json TEXT NOT NULL, at INTEGER NOT NULL
            ) WITHOUT ROWID;
            """,
        // Keys of before there were roles could do everything.
        """
            ALTER TABLE keys ADD COLUMN role TEXT NOT NULL DEFAULT 'admin';
            CREATE TABLE sessions (
                hash BLOB PRIMARY KEY, key_name TEXT NOT NULL, expires INTEGER NOT NULL
            ) WITHOUT ROWID;
            CREATE TABLE alarm_rules (
                id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, device TEXT NOT NULL, measurement TEXT NOT NULL,
                field TEXT NOT NULL, kind TEXT NOT NULL, threshold REAL NOT NULL, hysteresis REAL NOT NULL,
                after_seconds INTEGER NOT NULL
            );
            CREATE TABLE alarms_active (
                rule INTEGER NOT NULL, device TEXT NOT NULL, since INTEGER NOT NULL, value REAL, PRIMARY KEY (rule, device)
            ) WITHOUT ROWID;
            CREATE TABLE alarm_events (
                id INTEGER PRIMARY KEY AUTOINCREMENT, rule INTEGER NOT NULL, name TEXT NOT NULL, words TEXT NOT NULL,
                device TEXT NOT NULL, raised INTEGER NOT NULL, at INTEGER NOT NULL, value REAL, late INTEGER NOT NULL,
                told INTEGER NOT NULL DEFAULT 0
            );
            """,
        """
            ALTER TABLE commands ADD COLUMN untold INTEGER NOT NULL DEFAULT 0;
            CREATE INDEX commands_untold ON commands (created, id) WHERE untold = 1;
            """,
    ];

    /// <summary>Brings a file's tables up to date, or leaves it as it was.</summary>
    /// <exception cref="InvalidOperationException">A newer version of this program has written it.</exception>
    public static void Update(DbConnection connection, string path)
    {
        connection.Execute("PRAGMA journal_mode = WAL");
        if (VersionOf(connection) == Steps.Length)
            return;
        using var transaction = connection.BeginTransaction();
        // Looked at again: two programs may open the folder at once.
        var version = VersionOf(connection);
        if (version > Steps.Length)
            throw new InvalidOperationException(
                $"{path} has version {version}, and this program knows versions up to {Steps.Length}: a newer one has written it. Run that one, or restore the backup from before it."
            );
        foreach (var step in Steps.AsSpan(version))
            connection.Execute(step);
        connection.Execute($"PRAGMA user_version = {Steps.Length}");
        transaction.Commit();
    }

    private static int VersionOf(DbConnection connection)
    {
        using var version = connection.Command("PRAGMA user_version");
        return Convert.ToInt32(version.ExecuteScalar(), null);
    }
}
