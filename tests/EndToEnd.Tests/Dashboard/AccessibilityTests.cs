using System.Text.Json;
using Microsoft.Playwright;

namespace EndToEnd.Tests.Dashboard;

/// <summary>axe-core looks at every page, light and dark, wide and on a phone.</summary>
public sealed class AccessibilityTests(DashboardBed bed) : IClassFixture<DashboardBed>
{
    private static readonly string[] Pages = ["/", "/devices/greenhouse", "/alarms", "/health", "/keys", "/add"];

    [Fact]
    public async Task Axe_finds_no_serious_fault_on_any_page_nor_in_what_a_page_asks()
    {
        var axe = await AxeCore.ReadAsync();
        var faults = new List<string>();
        foreach (var (width, theme) in new[] { (1280, ColorScheme.Light), (390, ColorScheme.Dark) })
        {
            async Task LookAsync(IPage page, string what)
            {
                foreach (var fault in await FaultsAsync(page, axe))
                    faults.Add($"{what} {width} {theme}: {fault}");
            }

            await using (var stranger = await bed.Browser.VisitorAsync(bed.Gateway.Api.BaseAddress!, width, 800, theme)) // set by the process
            {
                var page = await stranger.NewPageAsync();
                await page.GotoAsync("/sign-in");
                await LookAsync(page, "/sign-in");
                await page.GetByLabel("API key").FillAsync("wrong");
                await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
                await page.GetByRole(AriaRole.Alert).WaitForAsync();
                await LookAsync(page, "/sign-in, refused");
            }
            await using var visitor = await bed.SignInAsync(width: width, theme: theme);
            foreach (var path in Pages)
            {
                await visitor.Page.GotoAsync(path);
                await LookAsync(visitor.Page, path);
            }
            await visitor.OpenAsync("/devices/greenhouse");
            await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
            await visitor.Page.GetByRole(AriaRole.Dialog).WaitForAsync();
            await LookAsync(visitor.Page, "the question before a removal");

            await visitor.Page.GotoAsync("/add");
            await visitor.Page.GetByLabel("Id", new() { Exact = true }).FillAsync($"board-{width}");
            await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Add it" }).ClickAsync();
            await visitor.Page.Locator("#token").WaitForAsync();
            await LookAsync(visitor.Page, "the token");
        }
        Assert.Empty(faults);
    }

    private static async Task<IEnumerable<string>> FaultsAsync(IPage page, string axe)
    {
        var found = await page.EvaluateAsync<JsonElement>(
            $"(() => {{ {axe}; return axe.run(document, {{ resultTypes: ['violations'] }}); }})()"
        );
        return from fault in found.GetProperty("violations").EnumerateArray()
            where fault.GetProperty("impact").GetString() is "serious" or "critical"
            select $"{fault.GetProperty("help")} {fault.GetProperty("nodes")[0].GetProperty("html")}";
    }
}
