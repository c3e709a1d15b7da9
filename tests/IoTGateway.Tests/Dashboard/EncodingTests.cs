using IoTGateway.Devices;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Dashboard;

/// <summary>What a device or a person calls something is shown as it is, and never becomes a part of the page.</summary>
public sealed class EncodingTests
{
    private const string Poison = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task Names_firmware_and_log_lines_that_are_HTML_are_shown_as_text()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        Assert.True(await gateway.Get<DeviceRegistry>().RenameAsync("roof", $"name {Poison}", Patience.Token()));
        await using var device = await LinkClient.ConnectAsync(gateway, token);
        await device.HelloAsync(House.Hello(1) with { Firmware = $"firmware {Poison}", Board = $"board {Poison}" });
        await device.SendAsync(new DeviceLog(3, ClockKind.Unix, (ulong)House.Noon, "link", $"line {Poison}").Write);
        await Patience.UntilAsync(
            async () =>
                (await gateway.Client.GetStringAsync("/api/devices/roof/logs")).Contains(
                    "onerror",
                    StringComparison.Ordinal
                ),
            "the line of log"
        );
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var page = (await browser.GetAsync("/devices/roof")).Body + (await browser.GetAsync("/")).Body;
        foreach (var what in new[] { "name", "firmware", "board", "line" })
            Assert.Contains($"{what} &lt;img src=x", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
    }
}
