using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice.StandIns;
using nanoFramework.Runtime.Native;

namespace Firmware.Tests.Boards;

/// <summary>The entry point itself, with nothing but what provisioning has left in flash.</summary>
public class ProgramTests
{
    [Fact]
    public async Task A_board_boots_from_its_files_finds_its_network_and_its_gateway_and_reboots_when_told()
    {
        using var ca = new PrivateCa();
        await using var gateway = await TestGateway.StartAsync(ca.Issue("localhost"));
        await using var board = new BoardUnderTest(
            RadioState.Off,
            ("config.json", Config(gateway.LinkUri, ",\"epoch\":217123456,\"board\":\"esp32-s3-devkitc-1\"")),
            ("ca.pem", ca.Pem)
        );
        await Eventually.TrueAsync(() =>
            board.Lines.Contains("no network or no time yet; sampling starts without")
            && board.Lines.Contains("link: no connection (port refused, or no CA for this gateway)")
        );
        board.Machine.Radio.Switch(RadioState.On);
        var link = await gateway.AcceptAsync();
        var hello = await link.GreetAsync(wantsCatalog: true);

        Assert.Equal("Bearer board.c2VjcmV0", link.Authorization);
        Assert.Equal((217_123_456u, "esp32-s3-devkitc-1"), (hello.Epoch, hello.Board));
        var catalog = CatalogReader.Read(await link.NextAsync(MessageType.Catalog));
        Assert.Equal("climate supply board", string.Join(' ', catalog?.Measurements ?? []));
        await RunAsync(link, "read-now");
        Assert.Equal(hello.Epoch, BitConverter.ToUInt32(await link.NextAsync(MessageType.Telemetry), 1));
        // A BME280 that is not wired costs its own rows.
        Assert.Contains("climate: gives no values", board.Lines);
        await RunAsync(link, "reboot");
        Assert.Equal(ByeReason.Reboot, (await link.NextAsync(MessageType.Bye))[1]);
        await link.CloseAsync();
        Assert.IsType<RebootException>(await board.EndedAsync());
    }

    [Fact]
    public async Task A_board_that_cannot_start_says_why_and_boots_again()
    {
        var nowhere = new Uri("ws://localhost:1/v1/link");
        await using var empty = new BoardUnderTest(RadioState.On);
        await using var damaged = new BoardUnderTest(RadioState.On, ("config.json", "{\"gateway\":"));
        await using var strange = new BoardUnderTest(
            RadioState.On,
            ("config.json", Config(nowhere, ",\"board\":\"esp32\""))
        );

        Assert.All(
            await Task.WhenAll(empty.EndedAsync(), damaged.EndedAsync(), strange.EndedAsync()),
            end => Assert.IsType<RebootException>(end)
        );
        Assert.StartsWith("stopped: ", Assert.Single(empty.Lines), StringComparison.Ordinal);
        Assert.StartsWith(
            "stopped: I:\\config.json must be {\"gateway\":",
            Assert.Single(damaged.Lines),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "stopped: I:\\config.json names the board esp32, this firmware knows esp32-c3-devkitm-1, ",
            Assert.Single(strange.Lines),
            StringComparison.Ordinal
        );
    }

    private static string Config(Uri gateway, string more) =>
        $$"""{"gateway":"{{gateway}}","token":"board.c2VjcmV0"{{more}}}""";

    private static async Task RunAsync(TestLink link, string command)
    {
        await link.SendAsync(GatewayBytes.Command(Guid.NewGuid(), 60_000, command, "{}"));
        if (command == "reboot")
            return;
        var result = DeviceMessageReader.CommandResult(await link.NextAsync(MessageType.CommandResult));
        Assert.Equal(1, result?.Outcome ?? 0);
    }
}
