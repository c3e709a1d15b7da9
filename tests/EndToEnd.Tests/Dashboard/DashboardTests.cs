using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests.Dashboard;

/// <summary>What a person does with the dashboard, in a real browser, against a gateway process with virtual devices.</summary>
public sealed class DashboardTests(DashboardBed bed) : IClassFixture<DashboardBed>
{
    [Fact]
    public async Task A_link_of_the_command_line_signs_in_once()
    {
        var run = await ProgramRun.StartAsync(
            "dotnet",
            [GatewayProcess.Dll, "dashboard", "--data", bed.Gateway.Folder, "--json"]
        );
        Assert.True(run.ExitCode == 0, run.Output);
        var link = JsonElement.Parse(run.Output.Trim().Split('\n')[^1]).GetProperty("link").GetString()!; // printed
        await using var context = await bed.Browser.VisitorAsync(bed.Gateway.Api.BaseAddress!); // set by the process
        var page = await context.NewPageAsync();
        await page.GotoAsync(link);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Devices" })).ToBeVisibleAsync();
        Assert.DoesNotContain('#', page.Url);
        // The link is plain HTTP on loopback: what the gateway sets is Secure there too, and this browser keeps it.
        Assert.StartsWith("http://127.0.0.1:", link, StringComparison.Ordinal);
        var cookies = (await context.CookiesAsync())
            .Where(cookie => cookie.Name.StartsWith("iotgw-", StringComparison.Ordinal))
            .ToArray();
        Assert.Equal(2, cookies.Length);
        Assert.All(cookies, cookie => Assert.True(cookie is { Secure: true, HttpOnly: true }, cookie.Name));

        await using var second = await bed.Browser.VisitorAsync(bed.Gateway.Api.BaseAddress!); // likewise
        var again = await second.NewPageAsync();
        await again.GotoAsync(link);
        await Expect(again.GetByRole(AriaRole.Alert)).ToContainTextAsync("has been used");
    }

    [Fact]
    public async Task A_value_changes_before_the_eyes_and_search_and_filter_narrow_the_list()
    {
        await using var visitor = await bed.SignInAsync();
        await visitor.OpenAsync("/");
        var value = visitor.Page.Locator("[id='device.greenhouse'] .value b").First;
        await Expect(value).ToBeVisibleAsync();
        var before = await value.InnerTextAsync();
        await Expect(value).Not.ToHaveTextAsync(before);

        await visitor.Page.GetByLabel("Search devices").FillAsync("cold");
        await Expect(visitor.Page.Locator("tr.device")).ToHaveCountAsync(1);
        await Expect(visitor.Page.Locator("#fleet-count")).ToContainTextAsync("1 of");
        await visitor.Page.GetByLabel("Search devices").FillAsync("");
        await visitor.Page.GetByText("Disabled", new() { Exact = true }).ClickAsync();
        await Expect(visitor.Page.Locator("tr.device")).ToHaveCountAsync(0);
        Assert.Contains("show=disabled", visitor.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_shows_in_the_chart_within_a_second_of_the_sensor()
    {
        await using var visitor = await bed.SignInAsync();
        await visitor.OpenAsync("/devices/workshop");
        // The page has at most two frames a second, so half a second is the most that it adds by itself. A machine that runs
        // other tests as well may be late once; it is not late in the middle of nine rows, three times over.
        var ages = Array.Empty<double>();
        for (var round = 0; round < 3; round++)
        {
            ages = await visitor.Page.EvaluateAsync<double[]>(AgesOfRowsWhenShown);
            Array.Sort(ages);
            if (ages[ages.Length / 2] < 1_000)
                return;
        }
        Assert.Fail($"A row was shown so many ms after it was measured: {string.Join(", ", ages)}.");
    }

    /// <summary>For nine rows: from the time that the device gave a row to the moment that the page shows it, in ms.</summary>
    private const string AgesOfRowsWhenShown = """
        () => new Promise((done) => {
          const newest = document.querySelector(".chart local-time");
          const ages = [];
          new MutationObserver((_, observer) => {
            ages.push(Date.now() - Number(newest.getAttribute("ms")));
            if (ages.length === 9) { observer.disconnect(); done(ages); }
          }).observe(newest, { attributeFilter: ["ms"] });
        })
        """;

    [Fact]
    public async Task Ranges_lead_back_and_a_charts_readings_come_as_CSV()
    {
        await using var visitor = await bed.SignInAsync();
        await visitor.OpenAsync("/devices/workshop");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "1 h", Exact = true }).ClickAsync();
        await Expect(visitor.Page.Locator("nav.segments [aria-current]")).ToHaveTextAsync("1 h");
        await Expect(visitor.Page.Locator(".chart .line").First).Not.ToHaveAttributeAsync("d", "");

        var href = await visitor.Page.Locator("a.csv[href*=temperature]").First.GetAttributeAsync("href");
        var csv = await visitor.Page.APIRequest.GetAsync(href!); // a link has one
        var lines = (await csv.TextAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("time_ms,temperature", lines[0]);
        Assert.True(lines.Length > 1, "The range has rows, and the file has none.");
        Assert.All(lines[1..], line => Assert.Matches(@"^\d{13},\d+(\.\d+)?$", line));

        // As far back as the history keeps.
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "30 d", Exact = true }).ClickAsync();
        await Expect(visitor.Page.Locator("nav.segments [aria-current]")).ToHaveTextAsync("30 d");
        Assert.Contains("range=all", visitor.Page.Url, StringComparison.Ordinal);
        await Expect(visitor.Page.Locator(".chart .line").First).Not.ToHaveAttributeAsync("d", "");
        href = await visitor.Page.Locator("a.csv[href*=temperature]").First.GetAttributeAsync("href");
        var all = await visitor.Page.APIRequest.GetAsync(href!); // likewise
        Assert.StartsWith(lines[1], (await all.TextAsync()).Split("\r\n")[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_wished_for_and_the_device_says_that_it_applies_them()
    {
        await using var visitor = await bed.SignInAsync();
        await visitor.OpenAsync("/devices/cold-store");
        await WishAsync(visitor.Page, "no object");
        await Expect(visitor.Page.Locator("#settings-result")).ToContainTextAsync("Settings are one JSON object");

        await WishAsync(visitor.Page, """{"sampleIntervalMs":700}""");
        await Expect(visitor.Page.Locator("#settings")).ToContainTextAsync("applied as wished");
        await Expect(visitor.Page.Locator("#settings")).ToContainTextAsync("by dashboard:admin");
        var there = await bed.Gateway.GetAsync("/api/devices/cold-store/settings");
        Assert.Equal(
            700,
            there.GetProperty("reported").GetProperty("settings").GetProperty("sampleIntervalMs").GetInt32()
        );

        // Out of its range: the page says what the device says.
        await WishAsync(visitor.Page, """{"sampleIntervalMs":1}""");
        await Expect(visitor.Page.Locator("#settings")).ToContainTextAsync("not as wished yet");
        await Expect(visitor.Page.Locator("#settings li")).ToContainTextAsync("sampleIntervalMs");
    }

    private static async Task WishAsync(IPage page, string settings)
    {
        var form = page.GetByLabel("All settings (JSON)");
        if (!await form.IsVisibleAsync())
            await page.GetByText("Change what is wished").ClickAsync();
        await form.FillAsync(settings);
        await page.GetByRole(AriaRole.Button, new() { Name = "Wish for these" }).ClickAsync();
    }

    [Fact]
    public async Task A_command_for_a_device_that_is_away_waits_and_is_taken_back()
    {
        await bed.AddDeviceAsync("lake-house");
        await using var visitor = await bed.SignInAsync();
        await visitor.OpenAsync("/devices/lake-house");
        await Expect(visitor.Page.Locator("#facts .state")).ToHaveTextAsync("online");
        await bed.StopAsync("lake-house");
        await visitor.OpenAsync("/devices/lake-house");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "read-now" }).ClickAsync();
        await Expect(visitor.Page.Locator("#commands > li").First).ToContainTextAsync("queued");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await Expect(visitor.Page.Locator("#commands > li").First).ToContainTextAsync("cancelled");
        await Expect(visitor.Page.Locator("#command-result")).ToContainTextAsync("taken back");
    }

    [Fact]
    public async Task A_command_is_sent_from_a_form_of_its_schema_and_its_outcome_appears()
    {
        await using var visitor = await bed.SignInAsync();
        await visitor.OpenAsync("/devices/greenhouse");
        await visitor.Page.GetByText("led", new() { Exact = true }).First.ClickAsync();
        await visitor.Page.GetByLabel("on", new() { Exact = true }).CheckAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Send led" }).ClickAsync();
        var newest = visitor.Page.Locator("#commands > li").First;
        await Expect(newest).ToContainTextAsync("succeeded");
        await Expect(newest).ToContainTextAsync("""{"on":true}""");
        await Expect(newest).ToContainTextAsync("dashboard:admin");
        await Expect(newest.Locator(".steps li")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task A_device_is_added_its_token_shown_once_and_it_comes_online()
    {
        await using var visitor = await bed.SignInAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Add a device" }).ClickAsync();
        await visitor.Page.GetByLabel("Id", new() { Exact = true }).FillAsync("new-board");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Add it" }).ClickAsync();
        var token = await visitor.Page.Locator("#token").InnerTextAsync();
        Assert.StartsWith("new-board.", token, StringComparison.Ordinal);
        Assert.StartsWith(
            "M",
            await visitor.Page.Locator("svg.qr path").GetAttributeAsync("d"),
            StringComparison.Ordinal
        );
        var ca = await visitor.Page.APIRequest.GetAsync("/ca.pem");
        Assert.Equal(await File.ReadAllTextAsync(bed.Gateway.CaPath), await ca.TextAsync());
        bed.Connect("new-board", token);
        await visitor.OpenAsync("/devices/new-board");
        await Expect(visitor.Page.Locator("#facts .state")).ToHaveTextAsync("online");
        await Expect(visitor.Page.Locator("body")).Not.ToContainTextAsync(token);
    }

    [Fact]
    public async Task A_removal_asks_first()
    {
        await bed.Gateway.AddDeviceAsync("spare");
        await using var visitor = await bed.SignInAsync();
        await visitor.OpenAsync("/devices/spare");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await visitor
            .Page.GetByRole(AriaRole.Dialog)
            .GetByRole(AriaRole.Button, new() { Name = "Cancel" })
            .ClickAsync();
        Assert.EndsWith("/devices/spare", visitor.Page.Url, StringComparison.Ordinal);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await visitor
            .Page.GetByRole(AriaRole.Dialog)
            .GetByRole(AriaRole.Button, new() { Name = "Remove" })
            .ClickAsync();
        await Visitor.ArrivesAsync(visitor.Page, "/");
        using var answer = await bed.Gateway.Api.GetAsync("/api/devices/spare");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_viewer_sees_everything_and_can_change_nothing()
    {
        await using var visitor = await bed.SignInAsync(await bed.KeyAsync("looker", "viewer"));
        await Expect(visitor.Page.GetByText("Add a device")).ToHaveCountAsync(0);
        await visitor.OpenAsync("/devices/greenhouse");
        await Expect(visitor.Page.Locator(".chart").First).ToBeVisibleAsync();
        await Expect(visitor.Page.Locator("main form")).ToHaveCountAsync(0);
        var keys = await visitor.Page.GotoAsync("/keys");
        Assert.Equal(403, keys?.Status);
    }

    [Fact]
    public async Task An_alarm_is_set_raised_and_shown_on_every_page()
    {
        await using var visitor = await bed.SignInAsync();
        await visitor.OpenAsync("/alarms");
        await visitor.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Too warm");
        await visitor.Page.GetByLabel("Device", new() { Exact = true }).FillAsync("cold-store");
        await visitor.Page.GetByLabel("Field", new() { Exact = true }).FillAsync("climate/temperature");
        await visitor.Page.GetByLabel("Threshold, or seconds").FillAsync("-50");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Add the rule" }).ClickAsync();
        await Expect(visitor.Page.Locator("#active")).ToContainTextAsync("Too warm");
        await visitor.OpenAsync("/");
        await Expect(visitor.Page.Locator("#alarm-banner")).ToContainTextAsync("Too warm");
        var alarms = await bed.Gateway.GetAsync("/api/alarms");
        Assert.Equal("cold-store", alarms[0].GetProperty("device").GetString());
        await bed.Gateway.Api.DeleteAsync($"/api/alarms/rules/{alarms[0].GetProperty("ruleId").GetInt64()}");
        await Expect(visitor.Page.Locator("#alarm-banner")).ToBeEmptyAsync();
    }

    [Fact]
    public async Task Dark_is_kept_and_times_are_the_viewers_with_UTC_on_hover()
    {
        await using var visitor = await bed.SignInAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Switch between light and dark" }).ClickAsync();
        await visitor.OpenAsync("/devices/greenhouse");
        Assert.Equal("dark", await visitor.Page.Locator("html").GetAttributeAsync("data-theme"));
        var background = await visitor.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        Assert.Equal("rgb(14, 19, 25)", background);
        var since = visitor.Page.Locator("#facts local-time").First;
        var utc = DateTimeOffset.Parse((await since.GetAttributeAsync("title"))!.Replace(" UTC", "Z"));
        var local = utc.ToOffset(TimeSpan.FromHours(5.5));
        Assert.Contains($"{local:HH:mm:ss}", await since.InnerTextAsync(), StringComparison.Ordinal);
        var tick = visitor.Page.Locator(".chart text:has(title)").First;
        Assert.EndsWith(" UTC", await tick.Locator("title").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_whose_clock_is_an_hour_ahead_shows_right_ages()
    {
        await using var visitor = await bed.SignInAsync();
        await visitor.Page.AddInitScriptAsync("const right = Date.now; Date.now = () => right() + 3_600_000;");
        await visitor.OpenAsync("/");
        var seen = visitor.Page.Locator("[id='device.greenhouse'] .seen local-time");
        Assert.Matches(@"^(now|\d+ s ago)$", await seen.InnerTextAsync());
    }

    [Theory]
    [InlineData(1440, 3)]
    [InlineData(1200, 3)]
    [InlineData(1020, 3)]
    [InlineData(800, 1)]
    public async Task However_wide_the_window_values_are_shown_whole_with_their_units(int width, int atLeast)
    {
        await using var visitor = await bed.SignInAsync(width: width);
        await visitor.OpenAsync("/");
        await Expect(visitor.Page.Locator("[id='device.greenhouse'] .value")).ToHaveCountAsync(3);
        // Of those in the box of the values: a value is in it as a whole, or not at all.
        var shown = await visitor.Page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll("[id='device.greenhouse'] .value")].flatMap((value) => {
              const box = value.closest(".values").getBoundingClientRect();
              const own = value.getBoundingClientRect();
              if (own.top >= box.bottom) return [];
              return [own.right <= box.right + 0.5 && value.scrollWidth <= value.clientWidth ? "whole" : value.textContent];
            })
            """
        );
        Assert.InRange(shown.Length, atLeast, 3);
        Assert.All(shown, one => Assert.Equal("whole", one));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/devices/greenhouse")]
    [InlineData("/alarms")]
    [InlineData("/health")]
    [InlineData("/keys")]
    [InlineData("/add")]
    public async Task A_phone_shows_every_page_without_scrolling_sideways(string path)
    {
        await using var visitor = await bed.SignInAsync(width: 390, height: 844);
        await visitor.Page.GotoAsync(path);
        var overflow = await visitor.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
        Assert.Equal(0, overflow);
    }
}
