using IoTGateway.Devices;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Tests.Devices;

public sealed class CatalogStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-catalogs-").FullName;

    [Fact]
    public async Task A_catalog_is_found_by_its_hash_after_a_restart()
    {
        var message = Message("lamp");
        Catalog.TryRead(message, out var catalog, out _);
        var hash = await new CatalogStore(new ControlDatabase(_folder)).KeepAsync(
            "roof",
            catalog,
            message,
            TestContext.Current.CancellationToken
        );

        var found = new CatalogStore(new ControlDatabase(_folder)).Find("roof", hash ?? 0);
        Assert.Equal("lamp", Assert.Single(found?.Sensors ?? []).Measurement);
        Assert.Null(new CatalogStore(new ControlDatabase(_folder)).Find("cellar", hash ?? 0));
    }

    [Fact]
    public async Task A_device_keeps_no_more_than_1024_catalogs_and_may_repeat_those_it_has()
    {
        var store = new CatalogStore(new ControlDatabase(_folder));
        for (var i = 0; i < 1_024; i++)
            Assert.NotNull(
                await store.KeepAsync("roof", Empty, Message($"s{i}"), TestContext.Current.CancellationToken)
            );
        Assert.Null(await store.KeepAsync("roof", Empty, Message("one-more"), TestContext.Current.CancellationToken));
        Assert.NotNull(await store.KeepAsync("roof", Empty, Message("s7"), TestContext.Current.CancellationToken));
        Assert.NotNull(
            await store.KeepAsync("cellar", Empty, Message("one-more"), TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task Devices_of_one_kind_share_their_catalog()
    {
        var store = new CatalogStore(new ControlDatabase(_folder));
        var message = Message("lamp");
        foreach (var device in new[] { "roof", "cellar" })
        {
            Catalog.TryRead(message, out var catalog, out _);
            await store.KeepAsync(device, catalog, message, TestContext.Current.CancellationToken);
        }
        var hash = Catalog.HashOf(message);
        Assert.NotNull(store.Find("roof", hash));
        Assert.Same(store.Find("roof", hash), store.Find("cellar", hash));
    }

    [Fact]
    public async Task A_hash_that_two_catalogs_have_in_common_gives_each_device_its_own()
    {
        var store = new CatalogStore(new ControlDatabase(_folder));
        var (one, other) = WithTheSameHash();
        Catalog.TryRead(one, out var lamp, out _);
        Catalog.TryRead(other, out var pump, out _);
        var hash = await store.KeepAsync("roof", lamp, one, TestContext.Current.CancellationToken);
        Assert.Equal(hash, await store.KeepAsync("cellar", pump, other, TestContext.Current.CancellationToken));
        Assert.Same(lamp, store.Find("roof", hash ?? 0));
        Assert.Same(pump, store.Find("cellar", hash ?? 0));
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static readonly Catalog Empty = new([], []);

    /// <summary>Of 2^32 hashes two are the same after some 2^16 messages.</summary>
    private static (byte[] One, byte[] Other) WithTheSameHash()
    {
        var seen = new Dictionary<uint, byte[]>();
        for (var i = 0; ; i++)
        {
            // Of names that differ in less than 32 bits the hash tells each.
            var message = Message($"s{i:x8}{unchecked((uint)i * 2_654_435_761):x8}");
            if (!seen.TryAdd(Catalog.HashOf(message), message))
                return (seen[Catalog.HashOf(message)], message);
        }
    }

    private static byte[] Message(string measurement)
    {
        var field = new FieldDescription("value", "", FieldType.Decimal, 0);
        var writer = new WireWriter();
        new Catalog([new SensorDescription(1, measurement, [field])], []).Write(writer);
        return writer.ToArray();
    }
}
