using IoTGateway.Devices;
using IoTGateway.Sinks;
using IoTGateway.Sinks.Table;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Sinks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

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

    [Theory]
    [InlineData("TableSink.cs")]
    [InlineData("TableOptions.cs")]
    [InlineData("TableServices.cs")]
    public void The_walk_shows_this_very_file(string file)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests/IoTGateway.Tests/Walks", file));
        Assert.Contains(text, Walk(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_line_in_Program_brings_what_a_device_sends_into_the_table()
    {
        Assert.Contains("`builder.AddTableSink();`", Walk(), StringComparison.Ordinal);
        await using var gateway = await TestGateway.StartAsync(
            builder => builder.AddTableSink(),
            $"--Table:File={TableFile}"
        );
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await link.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5, 21.25));
        await link.AcknowledgedAsync(1, 1);
        Dictionary<(string, string, long), double> stored = [];
        await Patience.UntilAsync(async () => (stored = await ReadBackAsync()).Count > 0, "rows in the table");
        Assert.Equal(
            new()
            {
                [("climate", "temperature", House.Noon)] = 20.5,
                [("climate", "temperature", House.Noon + 1000)] = 21.25,
                [("climate", "door", House.Noon)] = 0,
                [("climate", "door", House.Noon + 1000)] = 1,
            },
            stored
        );
    }

    [Fact]
    public async Task Without_its_setting_it_is_off_and_a_wrong_one_stops_the_start()
    {
        await using var gateway = await TestGateway.StartAsync(builder => builder.AddTableSink());
        Assert.DoesNotContain(gateway.Services.GetServices<ISink>(), sink => sink is TableSink);
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            TestGateway.StartAsync(builder => builder.AddTableSink(), "--Table:File=/nowhere/table.db")
        );
        Assert.Contains("Table:File is '/nowhere/table.db'", wrong.Message, StringComparison.Ordinal);
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

    private string TableFile => Path.Combine(Rig.Folder, "table.db");

    private static string Walk() => File.ReadAllText(Path.Combine(RepositoryRoot.Path, "CONTRIBUTING.md"));

    private SqliteConnection Connect() => new($"Data Source={TableFile}");

    private void Run(string sql)
    {
        using var connection = Connect();
        connection.Open();
        connection.Execute(sql);
    }
}
