using IoTGateway.VirtualDevice;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;
using SimulatedDevice = IoTGateway.VirtualDevice.VirtualDevice;

namespace EndToEnd.Tests.Dashboard;

/// <summary>Who has just begun leaves a page open and does what it says: the page goes on by itself.</summary>
public sealed class NewcomerTests
{
    /// <summary>Gone with the next load of the page.</summary>
    private const string Mark = "document.body.dataset.mark = 'here'";

    [Fact]
    public async Task The_first_device_shows_by_itself_and_so_do_its_charts_and_commands()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, gateway, GatewayProcess.AdminKey);
        var page = visitor.Page;
        await visitor.OpenAsync("/");
        await page.EvaluateAsync(Mark);
        await Expect(page.GetByText("iotgw device add my-board")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Search devices")).ToBeHiddenAsync();
        var token = await gateway.AddDeviceAsync("first");
        await Expect(page.Locator("tr.device")).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "first" })).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Search devices")).ToBeVisibleAsync();
        await Expect(page.GetByText("No device yet")).ToHaveCountAsync(0);
        await Expect(page.Locator("body[data-mark]")).ToHaveCountAsync(1);

        await visitor.OpenAsync("/devices/first");
        await page.EvaluateAsync(Mark);
        await Expect(page.GetByText("iotgw doctor --device first")).ToBeVisibleAsync();
        await Expect(page.GetByText("has not said yet which commands it has")).ToBeVisibleAsync();
        var flash = Directory.CreateTempSubdirectory("iotgw-flash-");
        try
        {
            await using var device = new SimulatedDevice(
                new VirtualDeviceOptions
                {
                    Token = token,
                    Gateway = gateway.Link,
                    CaPem = await File.ReadAllTextAsync(gateway.CaPath),
                    FlashDirectory = flash.FullName,
                    RowsPerMessage = 1,
                }
            );
            device.Start();
            await Expect(page.Locator(".chart").First).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "read-now" }).ClickAsync();
            await Expect(page.Locator("#command-result")).ToContainTextAsync("is on its way");
            await Expect(page.Locator("#commands > li").First).ToContainTextAsync("succeeded");
            // What it said of the command stays, although the forms are looked at again and again.
            await Expect(page.Locator("#command-result")).ToContainTextAsync("is on its way");
            await Expect(page.Locator("body[data-mark]")).ToHaveCountAsync(1);
        }
        finally
        {
            flash.Delete(recursive: true);
        }
    }
}
