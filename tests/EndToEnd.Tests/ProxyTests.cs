using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary>A real nginx with TLS stands between a device and the gateway, and knows nothing of WebSockets at first.</summary>
public sealed class ProxyTests
{
    [Fact]
    public async Task A_device_behind_a_proxy_that_strips_upgrades_goes_by_long_polling_and_comes_back_once_they_pass()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var plain = new Uri($"http://127.0.0.1:{gateway.HttpPort}");
        await using var nginx = await NginxServer.StartAsync(plain, passesUpgrades: false, gateway.Folder);
        var token = await gateway.AddDeviceAsync("attic");
        await using var device = new Streamer(gateway, token, seed: 1, nginx.Link);
        device.Start();
        await device.UntilSaidAsync("breaks WebSockets: long polling from here on");
        await device.UntilAcknowledgedAsync(60);
        await SendAsync(gateway, """{"on":true}""");
        Assert.True(device.LedIsOn);

        await nginx.RestartAsync(passesUpgrades: true);
        await device.UntilSaidAsync("the WebSocket comes through again");
        await device.UntilAcknowledgedAsync(60);
        await SendAsync(gateway, """{"on":false}""");
        Assert.False(device.LedIsOn);

        await device.StopAsync();
        await gateway.UntilStoredAsync("attic", "history");
        Streamer.AssertSame(device.Sent(), await gateway.ReadHistoryAsync("attic"), "history");
    }

    private static async Task SendAsync(GatewayProcess gateway, string arguments)
    {
        var run = await ProgramRun.StartAsync(
            "dotnet",
            [GatewayProcess.Dll, "send", "attic", "led", arguments, "--wait", "20", "--data", gateway.Folder]
        );
        Assert.True(run.ExitCode == 0, run.Output);
    }
}
