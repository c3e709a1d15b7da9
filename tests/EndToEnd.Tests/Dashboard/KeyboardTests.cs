using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests.Dashboard;

/// <summary>The dashboard without a mouse.</summary>
public sealed class KeyboardTests(DashboardBed bed) : IClassFixture<DashboardBed>
{
    [Fact]
    public async Task Tab_Enter_arrows_and_Escape_skip_filter_open_and_decide()
    {
        await bed.Gateway.AddDeviceAsync("by-key");
        await using var visitor = await bed.SignInAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#main")).ToBeFocusedAsync();

        await TabToAsync(page, page.GetByLabel("Search devices"));
        await page.Keyboard.TypeAsync("by-key");
        await Expect(page.Locator("tr.device")).ToHaveCountAsync(1);
        // One stop for the choice of states, and arrows within.
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.GetByLabel("Online")).ToBeCheckedAsync();
        await Expect(page.Locator("tr.device")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.GetByLabel("Offline")).ToBeCheckedAsync();
        await Expect(page.Locator("tr.device")).ToHaveCountAsync(1);
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "by-key" }));
        await page.Keyboard.PressAsync("Enter");
        await Visitor.ArrivesAsync(page, "/devices/by-key");

        var remove = page.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Remove" });
        var sure = page.GetByRole(AriaRole.Dialog);
        await TabToAsync(page, remove);
        await page.Keyboard.PressAsync("Enter");
        // What does nothing has the focus.
        await Expect(sure.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(sure).ToHaveCountAsync(0);
        await Expect(remove).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(sure).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(sure.GetByRole(AriaRole.Button, new() { Name = "Remove" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Visitor.ArrivesAsync(page, "/");
        using var answer = await bed.Gateway.Api.GetAsync("/api/devices/by-key");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task TabToAsync(IPage page, ILocator wanted)
    {
        const int Most = 60;
        for (var i = 0; i < Most; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await wanted.EvaluateAsync<bool>("element => element === document.activeElement"))
                return;
        }
        Assert.Fail($"{Most} times Tab do not lead to {wanted}.");
    }
}
