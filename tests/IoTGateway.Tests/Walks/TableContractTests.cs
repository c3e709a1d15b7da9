using IoTGateway.Devices;
using IoTGateway.Sinks;
using IoTGateway.Sinks.Table;
using IoTGateway.Tests.Sinks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Walks;

/// <summary>The walk "a sink" of CONTRIBUTING.md, done: the shared tests, on a real database.</summary>
public sealed class TableContractTests : SinkContract
{
    public override ValueTask InitializeAsync()
    {
        Run(
            "CREATE TABLE readings (device, measurement, field, ms, value, PRIMARY KEY (device, measurement, field, ms))"
        );
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void The_walk_shows_this_very_sink()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests/IoTGateway.Tests/Walks/TableSink.cs"));
        var walk = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "CONTRIBUTING.md"));
        Assert.Contains(text, walk, StringComparison.Ordinal);
    }

    private protected override ISink CreateSink() =>
        new TableSink(Connect, Rig.Catalogs, TimeProvider.System, NullLogger<TableSink>.Instance);

    private protected override Task BreakAsync()
    {
        Run("ALTER TABLE readings RENAME TO gone");
        return Task.CompletedTask;
    }

    private protected override Task RepairAsync()
    {
        Run("ALTER TABLE gone RENAME TO readings");
        return Task.CompletedTask;
    }

    private protected override Task<Dictionary<(string, string, long), double>> ReadBackAsync()
    {
        using var connection = Connect();
        connection.Open();
        using var command = connection.Command("SELECT measurement, field, ms, value FROM readings");
        using var reader = command.ExecuteReader();
        var stored = new Dictionary<(string, string, long), double>();
        while (reader.Read())
            stored.Add((reader.GetString(0), reader.GetString(1), reader.GetInt64(2)), reader.GetDouble(3));
        return Task.FromResult(stored);
    }

    private SqliteConnection Connect() => new($"Data Source={Path.Combine(Rig.Folder, "table.db")}");

    private void Run(string sql)
    {
        using var connection = Connect();
        connection.Open();
        connection.Execute(sql);
    }
}
