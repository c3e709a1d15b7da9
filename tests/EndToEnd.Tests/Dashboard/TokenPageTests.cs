using System.Text.Json;
using Microsoft.Playwright;

namespace EndToEnd.Tests.Dashboard;

/// <summary>What the page of a new device gives: done as it says, on a machine that has nothing of the gateway's.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class TokenPageTests(DashboardBed bed) : IClassFixture<DashboardBed>, IDisposable
{
    private const string WifiPassword = "correct horse battery";
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("iotgw-elsewhere-").FullName;

    [Fact]
    public async Task The_command_that_the_page_prints_makes_a_board_ready_from_another_machine()
    {
        await using var visitor = await bed.SignInAsync();
        var token = await AddAsync(visitor.Page, "by-command");
        var command = await visitor.Page.Locator("#provision").InnerTextAsync();
        Assert.DoesNotContain(token, command, StringComparison.Ordinal);
        var run = await RunAsync(command, $"{WifiPassword}\n{GatewayProcess.AdminKey}\n");
        Assert.True(run.ExitCode == 0, run.Output);

        var config = Config("by-command");
        Assert.Equal(bed.Gateway.Link.Port, new Uri(config.GetProperty("gateway").GetString()!).Port); // written above
        var its = config.GetProperty("token").GetString();
        Assert.StartsWith("by-command.", its, StringComparison.Ordinal);
        Assert.NotEqual(token, its);
        var network = JsonElement.Parse(await ReadAsync("by-command", "net.json"));
        Assert.Equal(
            ("YOUR-WIFI", WifiPassword),
            (
                network.GetProperty("WirelessClient").GetProperty("Ssid").GetString(),
                network.GetProperty("WirelessClient").GetProperty("Password").GetString()
            )
        );
        Assert.Equal(await File.ReadAllTextAsync(bed.Gateway.CaPath), await ReadAsync("by-command", "ca.pem"));
    }

    [Fact]
    public async Task The_QR_code_is_a_boards_config_and_takes_the_place_of_a_key()
    {
        await using var visitor = await bed.SignInAsync();
        var token = await AddAsync(visitor.Page, "by-code");
        var link = await visitor.Page.Locator("#link").InnerTextAsync();
        var read = await QrReader.ReadAsync(visitor.Page);
        Assert.StartsWith($$"""{"gateway":"{{link}}","token":"{{token}}","epoch":""", read, StringComparison.Ordinal);
        // Saved where the page says, and the command without --rotate.
        Directory.CreateDirectory(Path.Combine(_elsewhere, "iotgw-by-code"));
        await File.WriteAllTextAsync(Path.Combine(_elsewhere, "iotgw-by-code", "config.json"), read);
        var command = (await visitor.Page.Locator("#provision").InnerTextAsync()).Replace(
            " --rotate",
            "",
            StringComparison.Ordinal
        );
        var run = await RunAsync(command, $"{WifiPassword}\n\n");
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Equal(token, Config("by-code").GetProperty("token").GetString());

        // The board is there.
        bed.Connect("by-code", token);
        await visitor.OpenAsync("/devices/by-code");
        await Assertions.Expect(visitor.Page.Locator("#facts .state")).ToHaveTextAsync("online");
    }

    public void Dispose() => Directory.Delete(_elsewhere, recursive: true);

    /// <returns>The token that is shown.</returns>
    private async Task<string> AddAsync(IPage page, string id)
    {
        await page.GotoAsync("/add");
        await page.GetByLabel("Id", new() { Exact = true }).FillAsync(id);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add it" }).ClickAsync();
        var token = await page.Locator("#token").InnerTextAsync();
        var ca = await page.APIRequest.GetAsync("/ca.pem");
        await File.WriteAllBytesAsync(Path.Combine(_elsewhere, "ca.pem"), await ca.BodyAsync());
        return token;
    }

    /// <summary>In a shell, in a folder that has ca.pem, on a machine without a gateway; what is read is typed.</summary>
    private async Task<ProgramRun> RunAsync(string command, string typed)
    {
        var input = Path.Combine(_elsewhere, "typed");
        await File.WriteAllTextAsync(input, typed);
        var script =
            $"iotgw() {{ dotnet '{GatewayProcess.Dll}' \"$@\"; }}\ncd '{_elsewhere}' || exit 1\n{{\n{command}\n}} < '{input}'";
        return await ProgramRun.StartAsync(
            "bash",
            ["-c", script],
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Data__Path"] = Path.Combine(_elsewhere, "nothing"),
                ["IOTGW_KEY"] = "",
                ["IOTGW_WIFI_PASSWORD"] = "",
            }
        );
    }

    private JsonElement Config(string id) =>
        JsonElement.Parse(File.ReadAllText(Path.Combine(_elsewhere, $"iotgw-{id}", "config.json")));

    private Task<string> ReadAsync(string id, string file) =>
        File.ReadAllTextAsync(Path.Combine(_elsewhere, $"iotgw-{id}", file));
}
