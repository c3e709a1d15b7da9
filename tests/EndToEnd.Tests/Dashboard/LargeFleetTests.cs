using IoTGateway.Devices;
using IoTGateway.Tests.Gateway;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests.Dashboard;

/// <summary>Five thousand devices in a real browser: it holds the rows in sight, and they are the right ones.</summary>
public sealed class LargeFleetTests
{
    private const int Devices = 5_000;

    /// <summary>Of a window of 800 pixels some 15 are in sight; the rest is for a scroll.</summary>
    private const int MostRows = 64;

    /// <summary>
    /// What is in sight and where it should be: for each row in the window its id, its place in the list, and how many
    /// pixels it is away from where that place is.
    /// </summary>
    private const string InSight = """
        () => {
          const body = document.querySelector("[data-rows]").getBoundingClientRect();
          return [...document.querySelectorAll("tr.device")].flatMap((row) => {
            const box = row.getBoundingClientRect();
            const place = Number(row.getAttribute("aria-rowindex")) - 2;
            if (box.bottom <= 110 || box.top >= innerHeight) return [];
            return [`${row.id} ${place} ${Math.round(box.top - body.top - place * box.height)}`];
          });
        }
        """;

    [Fact]
    public async Task Scrolling_through_five_thousand_devices_shows_each_in_its_place_and_keeps_few_rows()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        using (var database = new ControlDatabase(gateway.Folder))
            database.AddDevices(Devices);
        await using var chromium = await Chromium.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, gateway, GatewayProcess.AdminKey);
        await visitor.OpenAsync("/");
        var page = visitor.Page;
        await Expect(page.Locator("#fleet-count")).ToContainTextAsync("5,000 devices");
        await SeesAsync(page, 0);

        await page.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight / 2)");
        await SeesAsync(page, Devices / 2);

        await page.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight)");
        await SeesAsync(page, Devices - 1);
        Assert.Equal($"{Devices + 1}", await page.Locator("tr.device").Last.GetAttributeAsync("aria-rowindex"));

        await page.GetByLabel("Search devices").FillAsync("device-499");
        await Expect(page.Locator("#fleet-count")).ToContainTextAsync("10 of 5,000 devices");
        var first = page.Locator("tr.device").First;
        await Expect(first).ToHaveAttributeAsync("id", "device.device-4990");
        await Expect(first).ToHaveAttributeAsync("aria-rowindex", "2");
        await Expect(page.Locator("tr.device")).ToHaveCountAsync(10);
    }

    /// <summary>Until the window is full of rows, this one among them, each where its place in the list is.</summary>
    private static async Task SeesAsync(IPage page, int wanted)
    {
        string[] rows = [];
        await Eventually.HoldsAsync(
            $"the window is full around device {wanted}",
            async () =>
            {
                rows = await page.EvaluateAsync<string[]>(InSight);
                return rows.Length >= 10 && rows.Any(row => row.Contains($"{wanted:0000} ", StringComparison.Ordinal));
            }
        );
        foreach (var row in rows)
        {
            var parts = row.Split(' ');
            Assert.Equal($"device.device-{int.Parse(parts[1]):0000}", parts[0]);
            Assert.InRange(int.Parse(parts[2]), -1, 1);
        }
        Assert.InRange(await page.Locator("tr.device").CountAsync(), rows.Length, MostRows);
    }
}
