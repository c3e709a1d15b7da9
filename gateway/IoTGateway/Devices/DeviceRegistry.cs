using System.Data.Common;
using IoTGateway.Security;

namespace IoTGateway.Devices;

/// <summary>Who may connect. A change that takes a right away is told at once to whoever holds the device's link.</summary>
internal sealed class DeviceRegistry(ControlDatabase database, TimeProvider time)
{
    private const string Columns = "id, name, disabled, created, firmware, board, catalog, last_seen";

    /// <summary>Raised after a device's token was rotated, or the device disabled or removed.</summary>
    public event EventHandler<string>? Revoked;

    /// <summary>Registers a device.</summary>
    /// <returns>Its token, which is kept nowhere; null where the id is taken.</returns>
    public string? Add(string id, string? name)
    {
        var secret = Secret.New();
        using var connection = database.Open();
        var added = connection.Execute(
            "INSERT OR IGNORE INTO devices (id, name, secret, created) VALUES ($id, $name, $secret, $now)",
            ("$id", id),
            ("$name", name ?? id),
            ("$secret", Secret.Hash(secret)),
            ("$now", time.GetUtcNow().ToUnixTimeMilliseconds())
        );
        return added == 0 ? null : $"{id}.{secret}";
    }

    /// <summary>Gives a device a new token; the old one ends.</summary>
    /// <returns>The token; null for an unknown device.</returns>
    public string? Rotate(string id)
    {
        var secret = Secret.New();
        return Update(id, "secret = $value", Secret.Hash(secret), revokes: true) ? $"{id}.{secret}" : null;
    }

    public bool SetDisabled(string id, bool disabled) =>
        Update(id, "disabled = $value", disabled ? 1 : 0, revokes: disabled);

    public bool Rename(string id, string name) => Update(id, "name = $value", name, revokes: false);

    public bool Remove(string id)
    {
        using var connection = database.Open();
        var removed = connection.Execute("DELETE FROM devices WHERE id = $id", ("$id", id)) > 0;
        if (removed)
            Revoked?.Invoke(this, id);
        return removed;
    }

    /// <summary>Remembers what HELLO said, and that the device was here.</summary>
    public void Introduce(string id, string firmware, string board, uint catalogHash)
    {
        using var connection = database.Open(durable: false);
        connection.Execute(
            """
            UPDATE devices SET firmware = $firmware, board = $board, catalog = $catalog, last_seen = $now WHERE id = $id
            """,
            ("$id", id),
            ("$firmware", firmware),
            ("$board", board),
            ("$catalog", (long)catalogHash),
            ("$now", time.GetUtcNow().ToUnixTimeMilliseconds())
        );
    }

    public void SetCatalog(string id, uint hash)
    {
        using var connection = database.Open(durable: false);
        connection.Execute("UPDATE devices SET catalog = $hash WHERE id = $id", ("$id", id), ("$hash", (long)hash));
    }

    public void SetLastSeen(string id)
    {
        using var connection = database.Open(durable: false);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        connection.Execute("UPDATE devices SET last_seen = $now WHERE id = $id", ("$id", id), ("$now", now));
    }

    public RegisteredDevice? Find(string id)
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command($"SELECT {Columns} FROM devices WHERE id = $id", ("$id", id));
        using var reader = command.ExecuteReader();
        return reader.Read() ? Read(reader) : null;
    }

    public IReadOnlyList<RegisteredDevice> List()
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command($"SELECT {Columns} FROM devices ORDER BY id");
        using var reader = command.ExecuteReader();
        var devices = new List<RegisteredDevice>();
        while (reader.Read())
            devices.Add(Read(reader));
        return devices;
    }

    /// <summary>
    /// Whether a secret opens a device. An unknown device, a wrong secret and no credentials at all go the same way
    /// and take the same time.
    /// </summary>
    public Authentication Authenticate(string? id, ReadOnlySpan<char> secret)
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command(
            "SELECT secret, disabled FROM devices WHERE id = $id",
            ("$id", id ?? string.Empty)
        );
        using var reader = command.ExecuteReader();
        var known = reader.Read();
        if (!Secret.Matches(secret, known ? (byte[])reader[0] : null))
            return Authentication.Failed;
        return reader.GetInt64(1) != 0 ? Authentication.Disabled : Authentication.Succeeded;
    }

    private bool Update(string id, string assignment, object value, bool revokes)
    {
        using var connection = database.Open();
        var sql = $"UPDATE devices SET {assignment} WHERE id = $id";
        var found = connection.Execute(sql, ("$id", id), ("$value", value)) > 0;
        if (found && revokes)
            Revoked?.Invoke(this, id);
        return found;
    }

    private static RegisteredDevice Read(DbDataReader reader) =>
        new(
            reader.GetString(0),
            reader.GetString(1),
            reader.GetInt64(2) != 0,
            reader.GetInt64(3),
            reader.IsDBNull(4) ? null : reader.GetString(4),
            reader.IsDBNull(5) ? null : reader.GetString(5),
            reader.IsDBNull(6) ? null : (uint)reader.GetInt64(6),
            reader.IsDBNull(7) ? null : reader.GetInt64(7)
        );
}

/// <summary>What became of a device's credentials.</summary>
internal enum Authentication
{
    /// <summary>No, malformed, unknown or wrong: nobody is told which.</summary>
    Failed,

    /// <summary>They are right, and the device may not connect.</summary>
    Disabled,

    /// <summary>They are right.</summary>
    Succeeded,
}
