using IoTGateway.Tests.Servers;
using Microsoft.Playwright;

namespace EndToEnd.Tests.Dashboard;

/// <summary>Debian's chromium, as a person's browser; a page that logs an error or breaks the content policy fails its test.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Binary = "/usr/bin/chromium";

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Chromium> StartAsync()
    {
        ServerProcess.Require(Binary, "chromium");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = Binary,
                Args =
                [
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            }
        );
        return new Chromium(playwright, browser);
    }

    /// <summary>A person: cookies of his own, a screen, a zone.</summary>
    public Task<IBrowserContext> VisitorAsync(
        Uri gateway,
        int width = 1280,
        int height = 800,
        ColorScheme theme = ColorScheme.Light
    ) =>
        _browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                BaseURL = gateway.ToString(),
                ViewportSize = new ViewportSize { Width = width, Height = height },
                ColorScheme = theme,
                TimezoneId = "Asia/Kolkata",
                IgnoreHTTPSErrors = true,
            }
        );

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
