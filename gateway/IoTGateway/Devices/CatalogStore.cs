using System.Collections.Concurrent;
using System.Data.Common;
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

    /// <summary>A house has few kinds of device; past these, each has its own.</summary>
    private const int MostShared = 256;

    private readonly ConcurrentDictionary<(string Device, uint Hash), Catalog> _known = new();

    // A fleet of one kind of device has one catalog between them, and not one each. The hash is no proof: the bytes are.
    private readonly ConcurrentDictionary<uint, (byte[] Message, Catalog Catalog)> _shared = new();

    /// <summary>The catalog, or null where the device never sent it.</summary>
    public Catalog? Find(string device, uint hash) =>
        _known.TryGetValue((device, hash), out var catalog) ? catalog : Load(device, hash);

    /// <summary>Keeps a CATALOG message, on disk before this returns.</summary>
    /// <param name="device">Who sent it.</param>
    /// <param name="catalog">What it says.</param>
    /// <param name="message">The message, its type byte included.</param>
    /// <param name="cancellationToken">Ends the waiting for one's turn to write.</param>
    /// <returns>The catalog's hash, by which it is found; null where the device has sent too many already.</returns>
    public async ValueTask<uint?> KeepAsync(
        string device,
        Catalog catalog,
        ReadOnlyMemory<byte> message,
        CancellationToken cancellationToken
    )
    {
        var hash = Catalog.HashOf(message.Span);
        if (Find(device, hash) is not null)
            return hash;
        var kept = await database.WriteAsync(
            connection => Insert(connection, device, hash, message),
            cancellationToken
        );
        if (kept == 0 && Find(device, hash) is null)
            return null;
        Remember(device, hash, catalog, message);
        return hash;
    }

    private static int Insert(DbConnection connection, string device, uint hash, ReadOnlyMemory<byte> message) =>
        connection.Execute(
            """
            INSERT INTO catalogs (device, hash, message) SELECT @device, @hash, @message
            WHERE (SELECT count(*) FROM catalogs WHERE device = @device) < @most
            ON CONFLICT DO NOTHING
            """,
            ("@device", device),
            ("@hash", (long)hash),
            ("@message", message.ToArray()),
            ("@most", MostPerDevice)
        );

    private Catalog? Load(string device, uint hash)
    {
        using var connection = database.Open();
        using var command = connection.Command(
            "SELECT message FROM catalogs WHERE device = @device AND hash = @hash",
            ("@device", device),
            ("@hash", (long)hash)
        );
        if (command.ExecuteScalar() is not byte[] message || !Catalog.TryRead(message, out var catalog, out _))
            return null;
        return Remember(device, hash, catalog, message);
    }

    /// <returns>The catalog, or one that says the same.</returns>
    private Catalog Remember(string device, uint hash, Catalog catalog, ReadOnlyMemory<byte> message)
    {
        if (_known.Count >= MostKnown)
            _known.Clear();
        if (!_shared.TryGetValue(hash, out var first) && _shared.Count < MostShared)
            first = _shared.GetOrAdd(hash, (message.ToArray(), catalog));
        return _known[(device, hash)] = message.Span.SequenceEqual(first.Message) ? first.Catalog : catalog;
    }
}
