using System.Net.Http.Json;
using Microsoft.Playwright;

namespace EndToEnd.Tests.Dashboard;

/// <summary>Writes a picture of every page into the folder that IOTGW_SCREENSHOTS names. A command, not a check: it runs when it is asked for (tests/README.md).</summary>
public sealed class ScreenshotTests
{
    private const string Variable = "IOTGW_SCREENSHOTS";
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(45);

    private static readonly (string Name, string Path)[] Pages =
    [
        ("fleet", "/"),
        ("device", "/devices/greenhouse"),
        ("device-away", "/devices/cellar"),
        ("alarms", "/alarms"),
        ("health", "/health"),
        ("add", "/add"),
        ("keys", "/keys"),
    ];

    [Fact(Explicit = true)]
    public async Task Every_page_light_and_dark_wide_and_on_a_phone()
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        Assert.False(string.IsNullOrEmpty(folder), $"{Variable} names no folder for pictures.");
        Directory.CreateDirectory(folder!); // named: asked above
        await using var bed = new DashboardBed();
        await bed.InitializeAsync();
        foreach (var name in new[] { "attic", "barn-north", "barn-south", "boiler", "living-room", "server-closet" })
            await bed.AddDeviceAsync(name);
        await bed.Gateway.AddDeviceAsync("cellar");
        await LiveAWhileAsync(bed);
        foreach (var (width, height) in new[] { (1440, 900), (390, 844), (1920, 1080) })
        {
            foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await using var visitor = await bed.SignInAsync(width: width, height: height, theme: theme);
                foreach (var (name, path) in Pages)
                    await TakeAsync(visitor.Page, path, FileOf(name, width, theme));
            }
        }

        string FileOf(string name, int width, ColorScheme theme) =>
            Path.Combine(folder!, $"{name}-{width}-{theme}.png".ToLowerInvariant()); // named: asked above
    }

    /// <summary>Charts want some readings to show, lists a command, an alarm and a wish.</summary>
    private static async Task LiveAWhileAsync(DashboardBed bed)
    {
        var api = bed.Gateway.Api;
        var led = new { name = "led", arguments = new { on = true } };
        foreach (var device in new[] { "greenhouse", "cellar" })
            using (await api.PostAsJsonAsync($"/api/devices/{device}/commands", led)) { }
        using (await api.PutAsJsonAsync("/api/devices/greenhouse/settings", new { sampleIntervalMs = 1000 })) { }
        using (await bed.Gateway.Api.PostAsJsonAsync("/api/keys", new { name = "wall-display", role = "viewer" })) { }
        using (
            await api.PostAsJsonAsync(
                "/api/alarms/rules",
                new
                {
                    name = "Too warm",
                    device = "boiler",
                    measurement = "climate",
                    field = "temperature",
                    kind = "above",
                    threshold = 5,
                    hysteresis = 1,
                }
            )
        ) { }
        await Task.Delay(Gathering, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static async Task TakeAsync(IPage page, string path, string file)
    {
        await page.GotoAsync(path);
        var isLive = await page.Locator("main[data-live]").CountAsync() > 0;
        if (isLive)
            await page.Locator("main[data-connected]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        // Two frames: rates need one before them.
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = file });
        await page.ScreenshotAsync(
            new PageScreenshotOptions { Path = file.Replace(".png", "-whole.png"), FullPage = true }
        );
    }
}
