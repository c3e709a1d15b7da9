using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.History;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Dashboard;

/// <summary>What a row of the fleet says.</summary>
public sealed class FleetPageTests
{
    [Fact]
    public async Task A_row_has_the_last_value_with_its_unit_the_signal_the_firmware_and_the_board()
    {
        await using var gateway = await TestGateway.StartAsync();
        var catalog = new Catalog(
            [
                .. House.Catalog.Sensors,
                new SensorDescription(2, "radio", [new FieldDescription("rssi", "dBm", FieldType.Decimal, 0)]),
            ],
            []
        );
        await using var device = await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.HelloAsync(House.Hello(1) with { CatalogHash = Catalog.HashOf(House.Bytes(catalog.Write)) });
        await device.SendAsync(catalog.Write);
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 21.5));
        await device.SendAsync(Signal(catalog.Sensors[^1], sequence: 2, -67));
        await device.AcknowledgedAsync(1, 2);
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var page = string.Empty;
        await Patience.UntilAsync(
            async () =>
            {
                page = (await browser.GetAsync("/")).Body;
                return page.Contains("-67<span class=\"muted\"> dBm", StringComparison.Ordinal);
            },
            "the signal"
        );
        foreach (var part in new[] { "21.50<i>°C</i>", "temperature", "online", "test 1.0", "test-board" })
            Assert.Contains(part, System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_page_has_the_last_values_already()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 21.5));
        await device.AcknowledgedAsync(1, 1);
        await Patience.UntilAsync(
            () => gateway.Get<HistoryQuery>().Series("roof").Count == 1,
            "the row in the history"
        );
        using var browser = new Browser(gateway);
        using var answer = await browser.SignInAsync(gateway.AdminKey);
        Assert.Contains("21.50<i>", (await browser.GetAsync("/")).Body, StringComparison.Ordinal);
    }

    private static byte[] Signal(SensorDescription sensor, uint sequence, long dbm)
    {
        var block = new RowBlock();
        block.Reset(sensor, 1);
        block.Times[0] = House.Noon;
        block.Set(0, 0, dbm);
        var writer = new WireWriter();
        new TelemetryHeader(1, sequence, ClockKind.Unix, House.Noon, 1).Write(writer);
        BlockEncoder.Write(writer, block, House.Noon);
        return writer.ToArray();
    }
}
