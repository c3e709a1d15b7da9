using System.Collections.Concurrent;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Devices;

/// <summary>
/// Every catalog a device ever sent, by its hash: a journal record names the one its rows were written under, so old
/// rows stay readable after new firmware has brought another.
/// </summary>
internal sealed class CatalogStore(ControlDatabase database)
{
    private readonly ConcurrentDictionary<(string Device, uint Hash), Catalog> _known = new();

    /// <summary>The catalog, or null where the device never sent it.</summary>
    public Catalog? Find(string device, uint hash) =>
        _known.TryGetValue((device, hash), out var catalog) ? catalog : Load(device, hash);

    /// <summary>Keeps a CATALOG message, on disk before this returns.</summary>
    /// <param name="device">Who sent it.</param>
    /// <param name="catalog">What it says.</param>
    /// <param name="message">The message, its type byte included.</param>
    /// <returns>The catalog's hash.</returns>
    public uint Keep(string device, Catalog catalog, ReadOnlySpan<byte> message)
    {
        var hash = Catalog.HashOf(message);
        if (Find(device, hash) is not null)
            return hash;
        using var connection = database.Open();
        connection.Execute(
            "INSERT OR IGNORE INTO catalogs (device, hash, message) VALUES ($device, $hash, $message)",
            ("$device", device),
            ("$hash", (long)hash),
            ("$message", message.ToArray())
        );
        _known[(device, hash)] = catalog;
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
        return _known[(device, hash)] = catalog;
    }
}
