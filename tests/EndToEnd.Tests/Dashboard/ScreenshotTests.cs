using System.Net.Http.Json;
using IoTGateway.Tests.Servers;
using Microsoft.Playwright;

namespace EndToEnd.Tests.Dashboard;

/// <summary>Writes a picture of every page into the folder that IOTGW_SCREENSHOTS names. A command, not a check: it runs when it is asked for (tests/README.md).</summary>
public sealed class ScreenshotTests
{
    private const string Variable = "IOTGW_SCREENSHOTS";

    /// <summary>What a trend shows, and a little more.</summary>
    private static readonly TimeSpan Past = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(15);

    private static readonly (int Width, int Height, ColorScheme Theme)[] Screens =
    [
        (1440, 900, ColorScheme.Light),
        (1440, 900, ColorScheme.Dark),
        (390, 844, ColorScheme.Light),
        (390, 844, ColorScheme.Dark),
        (1920, 1080, ColorScheme.Light),
    ];

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
    public async Task Every_page_of_a_fleet_light_and_dark_wide_and_on_a_phone()
    {
        var folder = Folder();
        await using var influx = await InfluxDbServer.StartAsync();
        var clock = new Lazy<CatchingUpTime>(() => new CatchingUpTime(Past));
        await using var bed = new DashboardBed(
            options => options with { Time = clock.Value, SampleIntervalMs = 100, HasSignal = true },
            SettingsFor(influx)
        );
        await bed.InitializeAsync();
        foreach (
            var name in new[] { "attic", "barn-north", "barn-south", "living-room", "pump-house", "server-closet" }
        )
            await bed.AddDeviceAsync(name);
        await bed.Gateway.AddDeviceAsync("cellar");
        await clock.Value.CatchUpAsync(TestContext.Current.CancellationToken);
        await LiveAWhileAsync(bed);
        foreach (var (width, height, theme) in Screens)
        {
            await using var visitor = await bed.SignInAsync(width: width, height: height, theme: theme);
            foreach (var (name, path) in Pages)
            {
                await OpenAsync(visitor.Page, path);
                await TakeAsync(visitor.Page, Path.Combine(folder, FileOf(name, width, theme)));
            }
            await AddAsync(visitor.Page, "garden-shed");
            await TakeAsync(visitor.Page, Path.Combine(folder, FileOf("token", width, theme)));
            using (await bed.Gateway.Api.DeleteAsync("/api/devices/garden-shed")) { }
        }
    }

    [Fact(Explicit = true)]
    public async Task What_a_newcomer_sees_and_who_is_in_trouble()
    {
        var folder = Folder();
        await using var influx = await InfluxDbServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(SettingsFor(influx));
        await using var chromium = await Chromium.StartAsync();
        foreach (var (width, height, theme) in Screens)
        {
            await using var stranger = await chromium.VisitorAsync(gateway.Api.BaseAddress!, width, height, theme); // set by the process
            var page = await stranger.NewPageAsync();
            await OpenAsync(page, "/sign-in");
            await TakeAsync(page, Path.Combine(folder, FileOf("sign-in", width, theme)));
            await using var visitor = await SignInAsync(width, height, theme);
            await OpenAsync(visitor.Page, "/");
            await TakeAsync(visitor.Page, Path.Combine(folder, FileOf("fleet-empty", width, theme)));
        }
        // A sensor sends numbers where the database has text.
        await influx.WriteAsync(
            $"climate,device=attic temperature=\"warm\" {TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}"
        );
        await using (var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1))
        {
            device.Start();
            await device.UntilAcknowledgedAsync(60);
            await device.StopAsync();
        }
        await gateway.UntilStoredAsync("attic", "influx");
        foreach (var (width, height, theme) in Screens)
        {
            await using var visitor = await SignInAsync(width, height, theme);
            await OpenAsync(visitor.Page, "/health");
            await TakeAsync(visitor.Page, Path.Combine(folder, FileOf("health-rejected", width, theme)));
        }

        Task<Visitor> SignInAsync(int width, int height, ColorScheme theme) =>
            Visitor.SignInAsync(chromium, gateway, GatewayProcess.AdminKey, width, height, theme);
    }

    private static string Folder()
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        Assert.False(string.IsNullOrEmpty(folder), $"{Variable} names no folder for pictures.");
        return Directory.CreateDirectory(folder!).FullName; // named: asked above
    }

    private static string[] SettingsFor(InfluxDbServer influx) =>
        [$"--Influx:Url={influx.Url}", "--Influx:Version=1", $"--Influx:Database={InfluxDbServer.Database}"];

    private static string FileOf(string name, int width, ColorScheme theme) =>
        $"{name}-{width}-{theme}.png".ToLowerInvariant();

    /// <summary>From now on a row a second; lists want a command, an alarm and a wish.</summary>
    private static async Task LiveAWhileAsync(DashboardBed bed)
    {
        var api = bed.Gateway.Api;
        foreach (var device in bed.Devices)
        {
            var settings = new { sampleIntervalMs = 1000 };
            using (await api.PutAsJsonAsync($"/api/devices/{device}/settings", settings)) { }
        }
        // They say HELLO with a clock that is right.
        await Task.WhenAll(bed.Devices.Select(bed.RestartAsync));
        var led = new { name = "led", arguments = new { on = true } };
        foreach (var device in new[] { "greenhouse", "cellar" })
            using (await api.PostAsJsonAsync($"/api/devices/{device}/commands", led)) { }
        using (await api.PostAsJsonAsync("/api/keys", new { name = "wall-display", role = "viewer" })) { }
        using (
            await api.PostAsJsonAsync(
                "/api/alarms/rules",
                new
                {
                    name = "Too warm",
                    device = "cold-store",
                    measurement = "climate",
                    field = "temperature",
                    kind = "above",
                    threshold = 8,
                    hysteresis = 1,
                }
            )
        ) { }
        await Task.Delay(Gathering, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static async Task AddAsync(IPage page, string id)
    {
        await page.GotoAsync("/add");
        await page.GetByLabel("Id", new() { Exact = true }).FillAsync(id);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add it" }).ClickAsync();
        await page.Locator("#token").WaitForAsync();
    }

    private static async Task OpenAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        if (await page.Locator("main[data-live]").CountAsync() == 0)
            return;
        await page.Locator("main[data-connected]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        // Two frames: rates need one before them.
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static async Task TakeAsync(IPage page, string file)
    {
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = file });
        await page.ScreenshotAsync(
            new PageScreenshotOptions { Path = file.Replace(".png", "-whole.png"), FullPage = true }
        );
    }
}
