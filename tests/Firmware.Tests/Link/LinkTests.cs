using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Link;

public class LinkTests
{
    [Fact]
    public async Task A_link_opens_with_credentials_subprotocol_and_HELLO()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        var hello = await link.GreetAsync();

        Assert.Equal($"Bearer {DeviceUnderTest.Token}", link.Authorization);
        Assert.Equal("iotgw.v1", link.Protocol);
        Assert.Equal(1u, hello.Epoch);
        Assert.Equal(1, hello.Clock);
        Assert.Equal(4096, hello.MaxMessageBytes);
        Assert.Equal("virtual", hello.Board);
    }

    [Fact]
    public async Task CATALOG_is_sent_when_asked_for_and_hashes_to_what_HELLO_said()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        var hello = await link.GreetAsync(wantsCatalog: true);
        var catalog = await link.NextAsync();

        Assert.Equal(MessageType.Catalog, catalog[0]);
        Assert.Equal(hello.CatalogHash, Crc32.Compute(catalog, 1, catalog.Length - 1));
        var described = CatalogReader.Read(catalog);
        Assert.Equal("climate contact board", string.Join(' ', described?.Measurements ?? []));
        Assert.Equal("led interval read-now identify log-level reboot", string.Join(' ', described?.Commands ?? []));
    }

    [Fact]
    public async Task No_CATALOG_is_sent_unasked()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();

        Assert.Equal(MessageType.Reported, (await link.NextAsync())[0]);
        Assert.Equal(MessageType.Telemetry, (await link.NextAsync())[0]);
    }

    [Fact]
    public async Task Every_row_that_was_sampled_arrives_value_by_value()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        var received = new List<string>();
        for (var sequence = 1u; sequence <= 3; sequence++)
        {
            var telemetry = await link.TelemetryAsync();
            Assert.Equal(sequence, telemetry.Sequence);
            received.AddRange(RowText.Of(telemetry));
            await link.AckAsync(telemetry);
        }

        var sampled = device.Rows.Where(r => r.Sequence <= 3).Select(RowText.Of);
        Assert.Equal(sampled.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
        Assert.Equal(3 * 2 * 3, received.Count);
    }

    [Fact]
    public async Task At_most_four_messages_are_sent_without_ACK()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { RowsPerMessage = 1 });
        var link = await gateway.AcceptAsync();
        await link.GreetAsync(window: 100);
        Telemetry last = await link.TelemetryAsync();
        for (var i = 0; i < 3; i++)
            last = await link.TelemetryAsync();
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled >= 3 * 8);

        Assert.False(link.TryNext(out _));
        await link.AckAsync(last);
        Assert.Equal(5u, (await link.TelemetryAsync()).Sequence);
    }

    [Fact]
    public async Task A_smaller_window_of_the_gateway_is_honoured()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { RowsPerMessage = 1 });
        var link = await gateway.AcceptAsync();
        await link.GreetAsync(window: 1);
        await link.TelemetryAsync();
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled >= 3 * 4);

        Assert.False(link.TryNext(out _));
    }

    [Fact]
    public async Task After_a_reconnect_everything_without_ACK_comes_again_byte_for_byte_oldest_first()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        byte[][] sent =
        [
            await first.NextAsync(MessageType.Telemetry),
            await first.NextAsync(MessageType.Telemetry),
            await first.NextAsync(MessageType.Telemetry),
        ];
        first.Drop();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();

        // Equal bytes are also what shows the cure for the masking in place: the socket scribbled on what it was given.
        foreach (var message in sent)
            Assert.Equal(message, await second.NextAsync(MessageType.Telemetry));
    }

    [Fact]
    public async Task What_WELCOME_says_is_durable_is_not_sent_again()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.TelemetryAsync();
        await first.TelemetryAsync();
        first.Drop();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync(lastSequence: 1);

        Assert.Equal(2u, (await second.TelemetryAsync()).Sequence);
        Assert.Equal(6, device.Device.Status.RowsAcknowledged);
    }

    [Fact]
    public async Task An_orderly_stop_delivers_the_last_rows_and_says_BYE()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { RowsPerMessage = 500 });
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        await Eventually.TrueAsync(() => device.Device.Status is { Connected: true, RowsSampled: >= 6 });
        var stopped = device.Device.StopAsync(CancellationToken.None);
        var telemetry = await link.TelemetryAsync();
        await link.AckAsync(telemetry);
        var bye = DeviceMessageReader.Bye(await link.NextAsync());
        await link.CloseAsync();
        await stopped;

        Assert.Equal(new Bye(1, 0), bye);
        Assert.Equal(device.Device.Status.RowsSampled, device.Device.Status.RowsAcknowledged);
        Assert.Equal(0, device.Device.Status.RowsLost);
    }
}
