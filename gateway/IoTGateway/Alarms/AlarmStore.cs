using System.Data.Common;
using IoTGateway.Devices;

namespace IoTGateway.Alarms;

/// <summary>Rules, what holds now, and the newest events, in <c>control.db</c>.</summary>
internal sealed class AlarmStore(ControlDatabase database, AlarmOptions options)
{
    public const int KeptEvents = 1_000;
    public const int MostRules = 500;

    private const string RuleColumns =
        "id, name, device, measurement, field, kind, threshold, hysteresis, after_seconds";
    private const string EventColumns = "id, rule, name, words, device, raised, at, value, late";

    /// <returns>The rule with its id; null where there are too many.</returns>
    public AlarmRule? Add(AlarmRule rule)
    {
        using var connection = database.Open();
        using var command = connection.Command(
            $"""
            INSERT INTO alarm_rules (name, device, measurement, field, kind, threshold, hysteresis, after_seconds)
            SELECT @name, @device, @measurement, @field, @kind, @threshold, @hysteresis, @after
            WHERE (SELECT count(*) FROM alarm_rules) < {MostRules} RETURNING id
            """,
            ("@name", rule.Name),
            ("@device", rule.Device),
            ("@measurement", rule.Measurement),
            ("@field", rule.Field),
            ("@kind", Words.Of(rule.Kind)),
            ("@threshold", rule.Threshold),
            ("@hysteresis", rule.Hysteresis),
            ("@after", rule.AfterSeconds)
        );
        return command.ExecuteScalar() is long id ? rule with { Id = id } : null;
    }

    public bool Remove(long id)
    {
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction();
        connection.Execute("DELETE FROM alarms_active WHERE rule = @id", ("@id", id));
        var removed = connection.Execute("DELETE FROM alarm_rules WHERE id = @id", ("@id", id)) > 0;
        transaction.Commit();
        return removed;
    }

    public IReadOnlyList<AlarmRule> Rules()
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command($"SELECT {RuleColumns} FROM alarm_rules ORDER BY id");
        return Read(command, ReadRule);
    }

    /// <summary>What holds, of rules that are still there.</summary>
    public IReadOnlyList<(long Rule, string Device, long SinceMs, double? Value)> Active()
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command("SELECT rule, device, since, value FROM alarms_active");
        return Read(command, row => (row.GetInt64(0), row.GetString(1), row.GetInt64(2), ReadValue(row, 3)));
    }

    /// <summary>Keeps an event, and what holds after it, in one.</summary>
    /// <returns>The event with its id.</returns>
    public AlarmEvent Keep(AlarmEvent happened)
    {
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction();
        using var insert = connection.Command(
            "INSERT INTO alarm_events (rule, name, words, device, raised, at, value, late, told) VALUES (@rule, @name, @words, @device, @raised, @at, @value, @late, @told) RETURNING id",
            ("@rule", happened.RuleId),
            ("@name", happened.Name),
            ("@words", happened.Words),
            ("@device", happened.Device),
            ("@raised", happened.Raised ? 1 : 0),
            ("@at", happened.AtMs),
            ("@value", happened.Value),
            ("@late", happened.Late ? 1 : 0),
            // Whoever is switched on later is told what happens then, not what was.
            ("@told", string.IsNullOrEmpty(options.Webhook) ? 1 : 0)
        );
        var id = (long)insert.ExecuteScalar()!; // it returns one
        if (!happened.Late)
            Settle(connection, happened);
        connection.Execute(
            "DELETE FROM alarm_events WHERE id <= (SELECT max(id) FROM alarm_events) - @kept",
            ("@kept", KeptEvents)
        );
        transaction.Commit();
        return happened with { Id = id };
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<AlarmEvent> Events(int limit)
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command(
            $"SELECT {EventColumns} FROM alarm_events ORDER BY id DESC LIMIT @limit",
            ("@limit", limit)
        );
        return Read(command, ReadEvent);
    }

    /// <summary>The oldest event that nobody was told of; null for none.</summary>
    public AlarmEvent? NextUntold()
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command(
            $"SELECT {EventColumns} FROM alarm_events WHERE told = 0 ORDER BY id LIMIT 1"
        );
        return Read(command, ReadEvent).FirstOrDefault();
    }

    public void MarkTold(long id)
    {
        using var connection = database.Open();
        connection.Execute("UPDATE alarm_events SET told = 1 WHERE id = @id", ("@id", id));
    }

    private static void Settle(DbConnection connection, AlarmEvent happened)
    {
        if (happened.Raised)
            connection.Execute(
                """
                INSERT INTO alarms_active (rule, device, since, value) VALUES (@rule, @device, @at, @value)
                ON CONFLICT (rule, device) DO UPDATE SET since = excluded.since, value = excluded.value
                """,
                ("@rule", happened.RuleId),
                ("@device", happened.Device),
                ("@at", happened.AtMs),
                ("@value", happened.Value)
            );
        else
            connection.Execute(
                "DELETE FROM alarms_active WHERE rule = @rule AND device = @device",
                ("@rule", happened.RuleId),
                ("@device", happened.Device)
            );
    }

    private static List<T> Read<T>(DbCommand command, Func<DbDataReader, T> read)
    {
        using var row = command.ExecuteReader();
        var all = new List<T>();
        while (row.Read())
            all.Add(read(row));
        return all;
    }

    private static AlarmRule ReadRule(DbDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1),
            row.GetString(2),
            row.GetString(3),
            row.GetString(4),
            Enum.TryParse<AlarmKind>(row.GetString(5), ignoreCase: true, out var kind) ? kind : AlarmKind.Above,
            row.GetDouble(6),
            row.GetDouble(7),
            row.GetInt32(8)
        );

    private static AlarmEvent ReadEvent(DbDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetInt64(1),
            row.GetString(2),
            row.GetString(3),
            row.GetString(4),
            row.GetInt64(5) != 0,
            row.GetInt64(6),
            ReadValue(row, 7),
            row.GetInt64(8) != 0
        );

    private static double? ReadValue(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetDouble(column);
}
