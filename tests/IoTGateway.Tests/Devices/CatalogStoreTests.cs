using IoTGateway.Devices;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Tests.Devices;

public sealed class CatalogStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-catalogs-").FullName;

    [Fact]
    public void A_catalog_is_found_by_its_hash_after_a_restart()
    {
        var message = Message("lamp");
        Catalog.TryRead(message, out var catalog, out _);
        var hash = new CatalogStore(new ControlDatabase(_folder)).Keep("roof", catalog, message);

        var found = new CatalogStore(new ControlDatabase(_folder)).Find("roof", hash ?? 0);
        Assert.Equal("lamp", Assert.Single(found?.Sensors ?? []).Measurement);
        Assert.Null(new CatalogStore(new ControlDatabase(_folder)).Find("cellar", hash ?? 0));
    }

    [Fact]
    public void A_device_keeps_no_more_than_1024_catalogs_and_may_repeat_those_it_has()
    {
        var store = new CatalogStore(new ControlDatabase(_folder));
        for (var i = 0; i < 1_024; i++)
            Assert.NotNull(store.Keep("roof", Empty, Message($"s{i}")));
        Assert.Null(store.Keep("roof", Empty, Message("one-more")));
        Assert.NotNull(store.Keep("roof", Empty, Message("s7")));
        Assert.NotNull(store.Keep("cellar", Empty, Message("one-more")));
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static readonly Catalog Empty = new([], []);

    private static byte[] Message(string measurement)
    {
        var field = new FieldDescription("value", "", FieldType.Decimal, 0);
        var writer = new WireWriter();
        new Catalog([new SensorDescription(1, measurement, [field])], []).Write(writer);
        return writer.ToArray();
    }
}
