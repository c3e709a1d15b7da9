using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using IoTGateway.Devices;

namespace IoTGateway.Commands;

/// <summary>Commands in <c>control.db</c>: one row each, with its changes. Plain ADO.NET.</summary>
internal static class CommandStore
{
    private const string Columns =
        "id, device, name, arguments, ttl_ms, expires, idempotency_key, changes, result FROM commands";

    /// <param name="connection">Where.</param>
    /// <param name="command">A new one.</param>
    /// <param name="isUntold">Whether its outcome is to be told, and is among <see cref="Untold"/> until it was.</param>
    public static void Insert(DbConnection connection, DeviceCommand command, bool isUntold) =>
        connection.Execute(
            """
            INSERT INTO commands (id, device, name, arguments, ttl_ms, created, expires, idempotency_key, sent, status, changes, result, untold)
            VALUES (@id, @device, @name, @arguments, @ttl, @created, @expires, @key, @sent, @status, @changes, @result, @untold)
            """,
            ("@id", Key(command.Id)),
            ("@device", command.Device),
            ("@name", command.Name),
            ("@arguments", command.Arguments),
            ("@ttl", (long)command.TimeToLive.TotalMilliseconds),
            ("@created", command.CreatedMs),
            ("@expires", command.ExpiresMs),
            ("@key", command.IdempotencyKey),
            ("@sent", command.SentMs),
            ("@status", (int)command.Status),
            ("@changes", JsonSerializer.Serialize(command.Changes)),
            ("@result", command.Result),
            ("@untold", isUntold ? 1 : 0)
        );

    public static void Update(DbConnection connection, DeviceCommand command) =>
        connection.Execute(
            "UPDATE commands SET sent = @sent, status = @status, changes = @changes, result = @result WHERE id = @id",
            ("@id", Key(command.Id)),
            ("@sent", command.SentMs),
            ("@status", (int)command.Status),
            ("@changes", JsonSerializer.Serialize(command.Changes)),
            ("@result", command.Result)
        );

    /// <summary>All that have not ended, oldest first.</summary>
    public static IReadOnlyList<DeviceCommand> Active(DbConnection connection) =>
        Read(
            connection,
            $"SELECT {Columns} WHERE status < @ended ORDER BY created, id",
            ("@ended", (int)CommandStatus.Succeeded)
        );

    /// <summary>The oldest of those that have ended and whose outcome nobody was told yet.</summary>
    public static IReadOnlyList<DeviceCommand> Untold(DbConnection connection, int most) =>
        Read(
            connection,
            $"SELECT {Columns} WHERE untold = 1 AND status >= @ended ORDER BY created, id LIMIT @most",
            ("@ended", (int)CommandStatus.Succeeded),
            ("@most", most)
        );

    public static void MarkTold(DbConnection connection, Guid id) =>
        connection.Execute("UPDATE commands SET untold = 0 WHERE id = @id", ("@id", Key(id)));

    /// <summary>Those of a device, oldest first.</summary>
    public static IReadOnlyList<DeviceCommand> Of(DbConnection connection, string device) =>
        Read(connection, $"SELECT {Columns} WHERE device = @device ORDER BY created, id", ("@device", device));

    public static DeviceCommand? Find(DbConnection connection, string device, Guid id) =>
        Only(
            Read(
                connection,
                $"SELECT {Columns} WHERE id = @id AND device = @device",
                ("@id", Key(id)),
                ("@device", device)
            )
        );

    public static DeviceCommand? FindByKey(DbConnection connection, string device, string idempotencyKey) =>
        Only(
            Read(
                connection,
                $"SELECT {Columns} WHERE device = @device AND idempotency_key = @key",
                ("@device", device),
                ("@key", idempotencyKey)
            )
        );

    /// <summary>How many others the device was sent first at the same time or later.</summary>
    public static int CountSentAfter(DbConnection connection, DeviceCommand command)
    {
        using var count = connection.Command(
            "SELECT count(*) FROM commands WHERE device = @device AND sent >= @sent AND id <> @id",
            ("@device", command.Device),
            ("@sent", command.SentMs),
            ("@id", Key(command.Id))
        );
        return Convert.ToInt32(count.ExecuteScalar(), null);
    }

    /// <summary>Forgets what has ended, of a device beyond its newest so many.</summary>
    public static void KeepNewest(DbConnection connection, string device, int kept) =>
        connection.Execute(
            """
            DELETE FROM commands WHERE device = @device AND status >= @ended AND created <
                (SELECT created FROM commands WHERE device = @device ORDER BY created DESC LIMIT 1 OFFSET @last)
            """,
            ("@device", device),
            ("@ended", (int)CommandStatus.Succeeded),
            ("@last", kept - 1)
        );

    /// <summary>Forgets what has ended and is from before a time.</summary>
    public static void DeleteBefore(DbConnection connection, long unixMs) =>
        connection.Execute(
            "DELETE FROM commands WHERE status >= @ended AND created < @before",
            ("@ended", (int)CommandStatus.Succeeded),
            ("@before", unixMs)
        );

    public static void DeleteOf(DbConnection connection, string device) =>
        connection.Execute("DELETE FROM commands WHERE device = @device", ("@device", device));

    private static string Key(Guid id) => id.ToString("N");

    private static DeviceCommand? Only(IReadOnlyList<DeviceCommand> commands) => commands is [var only] ? only : null;

    private static List<DeviceCommand> Read(
        DbConnection connection,
        string sql,
        params ReadOnlySpan<(string, object?)> values
    )
    {
        using var command = connection.Command(sql, values);
        using var reader = command.ExecuteReader();
        var commands = new List<DeviceCommand>();
        while (reader.Read())
            commands.Add(
                new DeviceCommand(
                    Guid.ParseExact(reader.GetString(0), "N"),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    TimeSpan.FromMilliseconds(reader.GetInt64(4)),
                    reader.GetInt64(5),
                    reader.IsDBNull(6) ? null : reader.GetString(6),
                    JsonSerializer.Deserialize<ImmutableArray<CommandChange>>(reader.GetString(7)),
                    reader.GetString(8)
                )
            );
        return commands;
    }
}
