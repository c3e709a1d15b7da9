using System.Net;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Dashboard;

/// <summary>A page that has nothing to show says what to do next.</summary>
public sealed class EmptyPageTests
{
    [Fact]
    public async Task Without_a_device_the_first_page_gives_the_command_that_makes_one()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var (_, page) = await browser.GetAsync("/");
        Assert.Contains("iotgw device add my-board", page, StringComparison.Ordinal);
        Assert.Contains("iotgw simulate", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_was_never_here_has_a_page_that_says_how_to_find_out_why()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var (_, page) = await browser.GetAsync("/devices/roof");
        Assert.Contains("iotgw doctor --device roof", page, StringComparison.Ordinal);
        Assert.Contains("has not said yet which commands it has", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/devices/nobody", "There is no device")]
    [InlineData("/nothing/here", "The address leads nowhere")]
    public async Task An_address_that_leads_nowhere_has_a_page_that_says_so(string path, string words)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var (status, page) = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_role_may_not_and_a_form_that_is_refused_are_pages_as_well()
    {
        await using var gateway = await TestGateway.StartAsync();
        var key = gateway.Get<ApiKeys>().Add("looker", Role.Viewer)!; // the name is free
        using var viewer = await Browser.SignedInAsync(gateway, key);
        var (status, page) = await viewer.GetAsync("/keys");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("this takes the role admin", page, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);

        await gateway.AddDeviceAsync("roof");
        using var admin = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        await admin.GetAsync("/devices/roof");
        using var refused = await admin.PostAsync("/devices/roof/settings", ("settings", "no object"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        page = await refused.Content.ReadAsStringAsync();
        Assert.Contains("Settings are one JSON object", page, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
    }
}
