using System.Data.Common;
using IoTGateway.Security;

namespace IoTGateway.Devices;

/// <summary>Who may connect. A change that takes a right away is told at once to whoever holds the device's link.</summary>
internal sealed partial class DeviceRegistry(ControlDatabase database, TimeProvider time)
{
    private const string Columns = "id, name, disabled, created, firmware, board, catalog, last_seen";

    /// <summary>Raised after a device's token was rotated, or the device disabled or removed.</summary>
    public event EventHandler<string>? Revoked;

    /// <summary>Raised with a device's id after what it is called, says of itself or measures may be another, or it is gone.</summary>
    public event Action<string>? Changed;

    /// <summary>Registers a device.</summary>
    /// <returns>Its token, which is kept nowhere; null where the id is taken.</returns>
    public async ValueTask<string?> AddAsync(string id, string? name, CancellationToken cancellationToken)
    {
        var secret = Secret.New();
        var added = await database.WriteAsync(
            connection =>
                connection.Execute(
                    "INSERT INTO devices (id, name, secret, created) VALUES (@id, @name, @secret, @now) ON CONFLICT DO NOTHING",
                    ("@id", id),
                    ("@name", name ?? id),
                    ("@secret", Secret.Hash(secret)),
                    ("@now", NowMs)
                ),
            cancellationToken
        );
        return added == 0 ? null : $"{id}.{secret}";
    }

    /// <summary>Gives a device a new token; the old one ends.</summary>
    /// <returns>The token; null for an unknown device.</returns>
    public async ValueTask<string?> RotateAsync(string id, CancellationToken cancellationToken)
    {
        var secret = Secret.New();
        return await UpdateAsync(id, "secret = @value", Secret.Hash(secret), revokes: true, cancellationToken)
            ? $"{id}.{secret}"
            : null;
    }

    public ValueTask<bool> SetDisabledAsync(string id, bool disabled, CancellationToken cancellationToken) =>
        UpdateAsync(id, "disabled = @value", disabled ? 1 : 0, revokes: disabled, cancellationToken);

    public async ValueTask<bool> RenameAsync(string id, string name, CancellationToken cancellationToken)
    {
        var found = await UpdateAsync(id, "name = @value", name, revokes: false, cancellationToken);
        if (found)
            Changed?.Invoke(id);
        return found;
    }

    /// <summary>Removes a device with all that would otherwise be taken for the next one of its name.</summary>
    public async ValueTask<bool> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var removed = await database.WriteAsync(
            connection =>
            {
                using var transaction = connection.BeginTransaction();
                var found = connection.Execute("DELETE FROM devices WHERE id = @id", ("@id", id)) > 0;
                connection.Execute("DELETE FROM commands WHERE device = @id", ("@id", id));
                connection.Execute("DELETE FROM desired_settings WHERE device = @id", ("@id", id));
                connection.Execute("DELETE FROM reported_settings WHERE device = @id", ("@id", id));
                transaction.Commit();
                _sightings.TryRemove(id, out _);
                return found;
            },
            cancellationToken
        );
        if (!removed)
            return false;
        Revoked?.Invoke(this, id);
        Changed?.Invoke(id);
        return true;
    }

    public RegisteredDevice? Find(string id)
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command($"SELECT {Columns} FROM devices WHERE id = @id", ("@id", id));
        using var reader = command.ExecuteReader();
        return reader.Read() ? Now(Read(reader)) : null;
    }

    public IReadOnlyList<RegisteredDevice> List()
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command($"SELECT {Columns} FROM devices ORDER BY id");
        using var reader = command.ExecuteReader();
        var devices = new List<RegisteredDevice>();
        while (reader.Read())
            devices.Add(Now(Read(reader)));
        return devices;
    }

    /// <summary>How many there are, without reading them.</summary>
    public long Count()
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command("SELECT count(*) FROM devices");
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    /// <summary>
    /// Whether a secret opens a device. An unknown device, a wrong secret and no credentials at all go the same way
    /// and take the same time.
    /// </summary>
    public Authentication Authenticate(string? id, ReadOnlySpan<char> secret)
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command(
            "SELECT secret, disabled FROM devices WHERE id = @id",
            ("@id", id ?? string.Empty)
        );
        using var reader = command.ExecuteReader();
        var known = reader.Read();
        if (!Secret.Matches(secret, known ? (byte[])reader[0] : null))
            return Authentication.Failed;
        return reader.GetInt64(1) != 0 ? Authentication.Disabled : Authentication.Succeeded;
    }

    private async ValueTask<bool> UpdateAsync(
        string id,
        string assignment,
        object value,
        bool revokes,
        CancellationToken cancellationToken
    )
    {
        var sql = $"UPDATE devices SET {assignment} WHERE id = @id";
        var found = await database.WriteAsync(
            connection => connection.Execute(sql, ("@id", id), ("@value", value)) > 0,
            cancellationToken
        );
        if (found && revokes)
            Revoked?.Invoke(this, id);
        return found;
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

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
