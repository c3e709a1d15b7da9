using System.Collections.Concurrent;
using System.Data.Common;

namespace IoTGateway.Devices;

/// <summary>
/// What links tell of their devices. It is true at once for whoever asks, and written down a little later, together
/// (<see cref="SightingWriter"/>): no link waits for the disk because of it.
/// </summary>
internal sealed partial class DeviceRegistry
{
    // One for each registered device at most: whoever tells has shown his token.
    private readonly ConcurrentDictionary<string, Sighting> _sightings = new();

    /// <summary>Remembers what HELLO said, and that the device was here.</summary>
    public void Introduce(string id, string firmware, string board, uint catalogHash)
    {
        Saw(id, new Sighting(firmware, board, catalogHash, NowMs));
        Changed?.Invoke(id);
    }

    public void SetCatalog(string id, uint hash)
    {
        Saw(id, new Sighting(null, null, hash, NowMs));
        Changed?.Invoke(id);
    }

    public void SetLastSeen(string id) => Saw(id, new Sighting(null, null, null, NowMs));

    /// <summary>Writes down what was seen, in one transaction. A power cut may forget the last second of it.</summary>
    public async ValueTask WriteSightingsAsync(CancellationToken cancellationToken)
    {
        var seen = _sightings.ToArray();
        if (seen.Length == 0)
            return;
        await database.WriteAsync(connection => Write(connection, seen), cancellationToken, durable: false);
        // What was told meanwhile stays, and is written next time.
        foreach (var sighting in seen)
            _sightings.TryRemove(sighting);
    }

    private void Saw(string id, Sighting sighting) =>
        _sightings.AddOrUpdate(id, static (_, now) => now, static (_, before, now) => before.Then(now), sighting);

    private RegisteredDevice Now(RegisteredDevice device) =>
        _sightings.TryGetValue(device.Id, out var sighting) ? sighting.Over(device) : device;

    private static int Write(DbConnection connection, KeyValuePair<string, Sighting>[] seen)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var (id, sighting) in seen)
            connection.Execute(
                """
                UPDATE devices SET firmware = COALESCE(@firmware, firmware), board = COALESCE(@board, board),
                    catalog = COALESCE(@catalog, catalog), last_seen = @seen WHERE id = @id
                """,
                ("@id", id),
                ("@firmware", sighting.Firmware),
                ("@board", sighting.Board),
                ("@catalog", (long?)sighting.CatalogHash),
                ("@seen", sighting.SeenMs)
            );
        transaction.Commit();
        return seen.Length;
    }
}
