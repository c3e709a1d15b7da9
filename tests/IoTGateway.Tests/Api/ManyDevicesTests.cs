using System.Diagnostics;
using System.Text.Json;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Sinks;

namespace IoTGateway.Tests.Api;

public sealed class ManyDevicesTests
{
    private const int Devices = 5_000;

    [Fact]
    public async Task The_list_of_5_000_devices_with_their_last_rows_comes_within_seconds_and_is_up_to_date()
    {
        await using var gateway = await TestGateway.StartAsync();
        var registry = gateway.Get<ControlDatabase>();
        using (var connection = registry.Open(durable: false))
        using (var transaction = connection.BeginTransaction())
        {
            for (var device = 0; device < Devices; device++)
                connection.Execute(
                    "INSERT INTO devices (id, name, secret, created) VALUES ($id, $id, x'00', 0)",
                    ("$id", $"d{device}")
                );
            transaction.Commit();
        }
        var catalog = House.Bytes(House.Catalog.Write);
        var store = gateway.Get<CatalogStore>();
        var journal = gateway.Get<TelemetryJournal>();
        for (var device = 0; device < Devices; device++)
        {
            await store.KeepAsync($"d{device}", House.Catalog, catalog, TestContext.Current.CancellationToken);
            await journal.AppendAsync(
                new JournalEntry($"d{device}", House.Noon, House.CatalogHash, 0, 1, 1),
                House.Telemetry(1, 1, House.Noon, device % 100),
                null,
                TestContext.Current.CancellationToken
            );
        }
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_sink_rows{sink=\"history\"}") == Devices,
            "all rows stored"
        );
        var first = await ListAsync(gateway);
        var second = await ListAsync(gateway);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Devices} devices: first list {first.Took.TotalMilliseconds:F0} ms, then {second.Took.TotalMilliseconds:F0} ms"
        );
        Assert.Equal(Devices, second.Rows.Count);
        Assert.All(second.Rows, row => Assert.Equal(int.Parse(row.Key[1..]) % 100, row.Value));
        Assert.InRange(second.Took, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        await using var device7 = await LinkClient.OpenAsync(
            gateway,
            (await gateway.Get<DeviceRegistry>().RotateAsync("d7", TestContext.Current.CancellationToken))!
        ); // registered above
        await device7.SendAsync(House.Telemetry(2, 1, House.Noon + 60_000, 55));
        await Patience.UntilAsync(async () => (await ListAsync(gateway)).Rows["d7"] == 55, "the new row in the list");
    }

    private static async Task<(TimeSpan Took, Dictionary<string, double> Rows)> ListAsync(TestGateway gateway)
    {
        var watch = Stopwatch.StartNew();
        var json = await gateway.Client.GetStringAsync("/api/devices");
        var took = watch.Elapsed;
        return (
            took,
            JsonElement
                .Parse(json)
                .EnumerateArray()
                .ToDictionary(
                    device => device.GetProperty("id").GetString()!, // by the API's contract
                    device => device.GetProperty("last")[0].GetProperty("fields").GetProperty("temperature").GetDouble()
                )
        );
    }
}
