using IoTGateway.Devices;
using IoTGateway.Security;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Tests.Devices;

public sealed class ControlSchemaTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-schema-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_from_before_the_tables_had_versions_keeps_its_devices_and_gets_the_new_tables()
    {
        var secret = Secret.New();
        Write(
            """
            CREATE TABLE devices (
                id TEXT PRIMARY KEY, name TEXT NOT NULL, secret BLOB NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
                created INTEGER NOT NULL, firmware TEXT, board TEXT, catalog INTEGER, last_seen INTEGER
            ) WITHOUT ROWID;
            CREATE TABLE catalogs (
                device TEXT NOT NULL, hash INTEGER NOT NULL, message BLOB NOT NULL, PRIMARY KEY (device, hash)
            ) WITHOUT ROWID;
            CREATE TABLE keys (hash BLOB PRIMARY KEY, name TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
            INSERT INTO devices (id, name, secret, created) VALUES ('roof', 'Under the roof', @secret, 7);
            """,
            Secret.Hash(secret)
        );
        var database = new ControlDatabase(_folder);
        var registry = new DeviceRegistry(database, TimeProvider.System);
        Assert.Equal("Under the roof", registry.Find("roof")?.Name);
        Assert.Equal(Authentication.Succeeded, registry.Authenticate("roof", secret));
        var settings = new SettingsStore(database, TimeProvider.System);
        Assert.Equal(
            1u,
            (
                await settings.PutAsync("roof", """{"a":1}""", "test", null, TestContext.Current.CancellationToken)
            )?.Version
        );

        // And a second start finds it as it left it.
        Assert.Equal(
            1u,
            new SettingsStore(new ControlDatabase(_folder), TimeProvider.System).Find("roof").Desired?.Version
        );
    }

    [Fact]
    public void A_file_of_a_newer_version_is_left_alone_and_said_to_be_one()
    {
        Write("PRAGMA user_version = 99", []);
        var error = Assert.Throws<InvalidOperationException>(() => new ControlDatabase(_folder));
        Assert.Contains("version 99", error.Message);
        Assert.Contains("backup", error.Message);
    }

    private void Write(string sql, byte[] secret)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "control.db")};Pooling=False");
        connection.Open();
        connection.Execute(sql, ("@secret", secret));
    }
}
