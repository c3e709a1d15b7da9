using IoTGateway.Tests.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests.Dashboard;

/// <summary>Rows that a real database will not take: seen on the page of health, offered again, discarded.</summary>
public sealed class HealthPageTests
{
    [Fact]
    public async Task Rows_set_aside_are_offered_again_once_the_database_is_mended_and_others_are_discarded()
    {
        await using var influx = await InfluxDbServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Influx:Url={influx.Url}",
            "--Influx:Version=1",
            $"--Influx:Database={InfluxDbServer.Database}"
        );
        await using var chromium = await Chromium.StartAsync();
        await RefuseAsync(influx, gateway, "attic");
        await using var visitor = await Visitor.SignInAsync(chromium, gateway, GatewayProcess.AdminKey);
        await visitor.OpenAsync("/health");
        var aside = visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Rows that influx would not take" });
        var result = visitor.Page.Locator("#rejected-result");
        await Expect(aside).ToBeVisibleAsync();
        await Expect(visitor.Page.Locator("#troubles")).ToContainTextAsync("offer them again, or discard them");
        await Expect(visitor.Page.Locator("#rejected tbody tr").First).ToContainTextAsync("type conflict");

        // Nothing is mended yet.
        await ClickAsync(visitor.Page, "Offer all again");
        await Expect(result).ToContainTextAsync("again: the list says why");
        await Expect(aside).ToBeVisibleAsync();

        await influx.QueryAsync("DROP MEASUREMENT climate");
        await ClickAsync(visitor.Page, "Offer all again");
        await Expect(result).ToContainTextAsync("has stored all");
        await Expect(aside).ToHaveCountAsync(0);
        Assert.NotEmpty(await influx.ReadAsync("attic"));
        Assert.Equal(0, await KeptAsync(gateway));

        await influx.QueryAsync("DROP MEASUREMENT climate");
        await RefuseAsync(influx, gateway, "barn");
        await Expect(aside).ToBeVisibleAsync();
        await ClickAsync(visitor.Page, "Discard all");
        var sure = visitor.Page.GetByRole(AriaRole.Dialog);
        await Expect(sure).ToContainTextAsync("gone from there for good");
        await sure.GetByRole(AriaRole.Button, new() { Name = "Discard all" }).ClickAsync();
        await Expect(result).ToContainTextAsync("are discarded");
        await Expect(aside).ToHaveCountAsync(0);
        Assert.Equal(0, await KeptAsync(gateway));
        await Expect(visitor.Page.Locator("#troubles")).ToContainTextAsync("All is well");

        // The device's own page says how far each place has its rows.
        await visitor.OpenAsync("/devices/barn");
        await Expect(Fact(visitor.Page, "On the gateway's disk")).ToContainTextAsync("all up to message");
        await Expect(Fact(visitor.Page, "In InfluxDB")).ToHaveTextAsync("all of it");
        await Expect(Fact(visitor.Page, "In the history")).ToHaveTextAsync("all of it");
    }

    private static ILocator Fact(IPage page, string what) =>
        page.Locator("#facts dt", new() { HasTextString = what }).Locator("xpath=following-sibling::dd[1]");

    /// <summary>A device sends numbers where the database has text: it will never take them.</summary>
    private static async Task RefuseAsync(InfluxDbServer influx, GatewayProcess gateway, string id)
    {
        await influx.WriteAsync(
            $"climate,device={id} temperature=\"warm\" {TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}"
        );
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync(id), seed: 1);
        device.Start();
        await device.UntilAcknowledgedAsync(9);
        await device.StopAsync();
        await gateway.UntilStoredAsync(id, "influx");
        Assert.NotEqual(0, await KeptAsync(gateway));
    }

    private static async Task<int> KeptAsync(GatewayProcess gateway) =>
        (await gateway.GetAsync("/api/sinks/influx/rejected")).GetProperty("total").GetInt32();

    private static Task ClickAsync(IPage page, string button) =>
        page.Locator("#rejected").GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
}
