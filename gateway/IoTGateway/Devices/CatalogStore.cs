using System.Collections.Concurrent;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Devices;

/// <summary>
/// Every catalog a device ever sent, by its hash: a journal record names the one its rows were written under, so old
/// rows stay readable after new firmware has brought another.
/// </summary>
internal sealed class CatalogStore(ControlDatabase database)
{
    /// <summary>A device has a new catalog with new firmware: one that sends this many is broken, or no friend.</summary>
    private const int MostPerDevice = 1_024;

    /// <summary>Past this many in memory they are read again from the database.</summary>
    private const int MostKnown = 100_000;

    private readonly ConcurrentDictionary<(string Device, uint Hash), Catalog> _known = new();

    /// <summary>The catalog, or null where the device never sent it.</summary>
    public Catalog? Find(string device, uint hash) =>
        _known.TryGetValue((device, hash), out var catalog) ? catalog : Load(device, hash);

    /// <summary>Keeps a CATALOG message, on disk before this returns.</summary>
    /// <param name="device">Who sent it.</param>
    /// <param name="catalog">What it says.</param>
    /// <param name="message">The message, its type byte included.</param>
    /// <returns>The catalog's hash; null where the device has sent too many already.</returns>
    public uint? Keep(string device, Catalog catalog, ReadOnlySpan<byte> message)
    {
        var hash = Catalog.HashOf(message);
        if (Find(device, hash) is not null)
            return hash;
        using var connection = database.Open();
        var kept = connection.Execute(
            """
            INSERT OR IGNORE INTO catalogs (device, hash, message) SELECT $device, $hash, $message
            WHERE (SELECT count(*) FROM catalogs WHERE device = $device) < $most
            """,
            ("$device", device),
            ("$hash", (long)hash),
            ("$message", message.ToArray()),
            ("$most", MostPerDevice)
        );
        if (kept == 0 && Find(device, hash) is null)
            return null;
        Remember(device, hash, catalog);
        return hash;
    }

    private Catalog? Load(string device, uint hash)
    {
        using var connection = database.Open();
        using var command = connection.Command(
            "SELECT message FROM catalogs WHERE device = $device AND hash = $hash",
            ("$device", device),
            ("$hash", (long)hash)
        );
        if (command.ExecuteScalar() is not byte[] message || !Catalog.TryRead(message, out var catalog, out _))
            return null;
        Remember(device, hash, catalog);
        return catalog;
    }

    private void Remember(string device, uint hash, Catalog catalog)
    {
        if (_known.Count >= MostKnown)
            _known.Clear();
        _known[(device, hash)] = catalog;
    }
}
