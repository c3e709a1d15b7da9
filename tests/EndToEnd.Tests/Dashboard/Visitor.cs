using Microsoft.Playwright;

namespace EndToEnd.Tests.Dashboard;

/// <summary>A person with one page; what the page complains of fails the test.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    /// <summary>Signs in as a person does.</summary>
    public static async Task<Visitor> SignInAsync(
        Chromium browser,
        GatewayProcess gateway,
        string key,
        int width = 1280,
        int height = 800,
        ColorScheme theme = ColorScheme.Light
    )
    {
        var context = await browser.VisitorAsync(gateway.Api.BaseAddress!, width, height, theme); // set by the process
        var visitor = new Visitor(context, await context.NewPageAsync());
        await visitor.Page.GotoAsync("/sign-in");
        await visitor.Page.GetByLabel("API key").FillAsync(key);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await ArrivesAsync(visitor.Page, "/");
        return visitor;
    }

    private Visitor(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _complaints.Add(error);
        page.Console += (_, message) =>
        {
            // A refusal that a test asks for is told on the console as well.
            if (
                message.Type == "error"
                && !message.Text.Contains("the server responded with a status", StringComparison.Ordinal)
            )
                _complaints.Add(message.Text);
        };
    }

    public IPage Page { get; }

    /// <summary>Waits until a page is there that a click leads to. Asked, because its events may have come before.</summary>
    public static Task ArrivesAsync(IPage page, string path) =>
        Eventually.HoldsAsync(
            $"the browser shows {path}",
            async () =>
                new Uri(page.Url).AbsolutePath == path
                && await page.EvaluateAsync<string>("document.readyState") == "complete"
        );

    /// <summary>Opens a page and waits until its live part has come.</summary>
    public async Task OpenAsync(string path)
    {
        await Page.GotoAsync(path);
        await Page.Locator("main[data-connected]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_complaints);
    }
}
