using System.Data.Common;
using System.Text.Json;

namespace IoTGateway.Devices;

/// <summary>Desired and reported settings in <c>control.db</c>. Plain ADO.NET.</summary>
internal sealed class SettingsStore(ControlDatabase database, TimeProvider time)
{
    private const string DesiredColumns = "version, json, changed, changed_by";
    private const string ReportedColumns = "version, json, at";

    public DeviceSettings Find(string device)
    {
        using var connection = database.Open(durable: false);
        return new DeviceSettings(FindDesired(connection, device), FindReported(connection, device));
    }

    /// <summary>Those of every device that has any, read at once: a list of all devices must not ask for each.</summary>
    public IReadOnlyDictionary<string, DeviceSettings> FindAll()
    {
        using var connection = database.Open(durable: false);
        var all = new Dictionary<string, DeviceSettings>(StringComparer.Ordinal);
        using (var command = connection.Command($"SELECT device, {DesiredColumns} FROM desired_settings"))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
                all[reader.GetString(0)] = new DeviceSettings(ReadDesired(reader, 1), null);
        }
        using (var command = connection.Command($"SELECT device, {ReportedColumns} FROM reported_settings"))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                var device = reader.GetString(0);
                all[device] = new DeviceSettings(all.GetValueOrDefault(device)?.Desired, ReadReported(reader, 1));
            }
        }
        return all;
    }

    /// <summary>Keeps what is wished for, on disk before this returns. The same wish again changes nothing.</summary>
    /// <param name="device">Whose.</param>
    /// <param name="json">A JSON object.</param>
    /// <param name="by">Who wishes it.</param>
    /// <param name="expectedVersion">Of the settings that the caller has seen, 0 for none; null where he does not care.</param>
    /// <param name="cancellationToken">Ends the waiting for one's turn to write.</param>
    /// <returns>What is desired now; null where it was not the expected version, and stays.</returns>
    public ValueTask<DesiredSettings?> PutAsync(
        string device,
        string json,
        string by,
        uint? expectedVersion,
        CancellationToken cancellationToken
    ) => database.WriteAsync(connection => Put(connection, device, json, by, expectedVersion), cancellationToken);

    private DesiredSettings? Put(DbConnection connection, string device, string json, string by, uint? expectedVersion)
    {
        using var transaction = connection.BeginTransaction();
        var known = FindDesired(connection, device);
        if (expectedVersion is { } expected && expected != (known?.Version ?? 0))
            return null;
        if (known is not null && JsonElement.DeepEquals(JsonElement.Parse(known.Json), JsonElement.Parse(json)))
            return known;
        var desired = new DesiredSettings(NextVersion(connection, device, known), json, NowMs, by);
        connection.Execute(
            """
            INSERT INTO desired_settings (device, version, json, changed, changed_by) VALUES (@device, @version, @json, @changed, @by)
            ON CONFLICT (device) DO UPDATE SET version = excluded.version, json = excluded.json,
                changed = excluded.changed, changed_by = excluded.changed_by
            """,
            ("@device", device),
            ("@version", (long)desired.Version),
            ("@json", json),
            ("@changed", desired.ChangedMs),
            ("@by", by)
        );
        transaction.Commit();
        return desired;
    }

    /// <summary>Keeps what a device says it applies; one that was removed meanwhile leaves nothing.</summary>
    public async ValueTask SetReportedAsync(
        string device,
        uint version,
        string json,
        CancellationToken cancellationToken
    )
    {
        using (var reading = database.Open(durable: false))
        {
            if (FindReported(reading, device) is { } known && known.Version == version && known.Json == json)
                return;
        }
        // Not a promise: the device says it again on every link.
        await database.WriteAsync(
            connection => SetReported(connection, device, version, json),
            cancellationToken,
            durable: false
        );
    }

    private int SetReported(DbConnection connection, string device, uint version, string json) =>
        connection.Execute(
            """
            INSERT INTO reported_settings (device, version, json, at)
            SELECT @device, @version, @json, @at WHERE EXISTS (SELECT 1 FROM devices WHERE id = @device)
            ON CONFLICT (device) DO UPDATE SET version = excluded.version, json = excluded.json, at = excluded.at
            """,
            ("@device", device),
            ("@version", (long)version),
            ("@json", json),
            ("@at", NowMs)
        );

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Above what the device has seen, even where that was another gateway's, or this one's before a loss.</summary>
    private static uint NextVersion(DbConnection connection, string device, DesiredSettings? known)
    {
        var highest = known?.Version ?? 0;
        if (FindReported(connection, device) is { Version: < uint.MaxValue } reported)
            highest = Math.Max(highest, reported.Version);
        return highest + 1;
    }

    private static DesiredSettings? FindDesired(DbConnection connection, string device)
    {
        using var command = connection.Command(
            $"SELECT {DesiredColumns} FROM desired_settings WHERE device = @device",
            ("@device", device)
        );
        using var reader = command.ExecuteReader();
        return reader.Read() ? ReadDesired(reader, 0) : null;
    }

    private static DesiredSettings ReadDesired(DbDataReader reader, int from) =>
        new(
            (uint)reader.GetInt64(from),
            reader.GetString(from + 1),
            reader.GetInt64(from + 2),
            reader.GetString(from + 3)
        );

    private static ReportedSettings? FindReported(DbConnection connection, string device)
    {
        using var command = connection.Command(
            $"SELECT {ReportedColumns} FROM reported_settings WHERE device = @device",
            ("@device", device)
        );
        using var reader = command.ExecuteReader();
        return reader.Read() ? ReadReported(reader, 0) : null;
    }

    private static ReportedSettings ReadReported(DbDataReader reader, int from) =>
        new((uint)reader.GetInt64(from), reader.GetString(from + 1), reader.GetInt64(from + 2));
}
