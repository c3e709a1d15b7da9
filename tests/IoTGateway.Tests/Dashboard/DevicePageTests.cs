using System.Net;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Dashboard;

/// <summary>What an admin does on a device's page, and what becomes of the device.</summary>
public sealed partial class DevicePageTests
{
    [Fact]
    public async Task Another_token_ends_the_link_of_the_one_before_and_the_page_says_why()
    {
        await using var gateway = await TestGateway.StartAsync();
        var old = await gateway.AddDeviceAsync("roof");
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        await using var before = await LinkClient.OpenAsync(gateway, old);
        await UntilAsync(browser, "state online\">online");

        using var answer = await browser.PostAsync("/devices/roof/rotate");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var shown = TokenOf().Match(await answer.Content.ReadAsStringAsync()).Groups["token"].Value;
        Assert.StartsWith("roof.", shown, StringComparison.Ordinal);
        Assert.NotEqual(old, shown);
        await before.ClosedAsync();
        await UntilAsync(browser, "the token was taken back");
        await Assert.ThrowsAsync<WebSocketException>(() => LinkClient.ConnectAsync(gateway, old));

        await using var after = await LinkClient.OpenAsync(gateway, shown, epoch: 2);
        await UntilAsync(browser, "state online\">online");
        var (_, page) = await browser.GetAsync("/devices/roof");
        Assert.DoesNotContain(shown, page, StringComparison.Ordinal);
        // Newest first.
        Assert.Equal(
            ["connected", "disconnected", "connected"],
            ChangeOf().Matches(page).Select(change => change.Groups["what"].Value)
        );
    }

    [Fact]
    public async Task A_disabled_device_is_cut_off_and_kept_out_until_it_is_enabled()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        await using var before = await LinkClient.OpenAsync(gateway, token);
        await UntilAsync(browser, "state online\">online");

        using (var answer = await browser.PostAsync("/devices/roof/disable"))
            Assert.Equal("/devices/roof", answer.Headers.Location?.OriginalString);
        await before.ClosedAsync();
        await UntilAsync(browser, "state disabled\">disabled");
        var (_, page) = await browser.GetAsync("/devices/roof");
        Assert.Contains("/devices/roof/enable", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/devices/roof/disable", page, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WebSocketException>(() => LinkClient.ConnectAsync(gateway, token));

        using (var answer = await browser.PostAsync("/devices/roof/enable"))
            Assert.Equal("/devices/roof", answer.Headers.Location?.OriginalString);
        await using var after = await LinkClient.OpenAsync(gateway, token, epoch: 2);
        await UntilAsync(browser, "state online\">online");
    }

    private static Task UntilAsync(Browser browser, string words) =>
        Patience.UntilAsync(
            async () => (await browser.GetAsync("/devices/roof")).Body.Contains(words, StringComparison.Ordinal),
            $"the page says '{words}'"
        );

    [GeneratedRegex("<code id=\"token\">(?<token>[^<]+)</code>", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex TokenOf();

    [GeneratedRegex(">(?<what>connected|disconnected)</span>", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex ChangeOf();
}
