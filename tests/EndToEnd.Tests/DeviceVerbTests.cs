using System.Text.Json;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary><c>iotgw device …</c> as a person types it, against a gateway on the same machine.</summary>
public sealed class DeviceVerbTests
{
    [Fact]
    public async Task A_device_is_added_shown_rotated_disabled_enabled_and_removed_without_a_key_at_hand()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var added = await RunAsync(gateway, "add", "attic", "--name", "Under the roof");
        Assert.Equal(0, added.ExitCode);
        Assert.Matches("^attic\\.[A-Za-z0-9_-]{43}$", added.Output.Trim());

        var twice = await RunAsync(gateway, "add", "attic");
        Assert.Equal(1, twice.ExitCode);
        Assert.Contains("There is a device 'attic' already", twice.Output, StringComparison.Ordinal);

        await using (var streamer = new Streamer(gateway, added.Output.Trim(), seed: 1))
        {
            streamer.Start();
            await streamer.UntilAcknowledgedAsync(3);
            Assert.Equal("online", await StateAsync(gateway));
            Assert.Equal(0, (await RunAsync(gateway, "disable", "attic")).ExitCode);
            await Eventually.HoldsAsync(
                "the disabled device is cut",
                () => Task.FromResult(!streamer.Status.Connected)
            );
            Assert.Equal("disabled", await StateAsync(gateway));
            Assert.Equal(0, (await RunAsync(gateway, "enable", "attic")).ExitCode);
            await streamer.UntilAcknowledgedAsync(3);
        }

        var rotated = await RunAsync(gateway, "rotate", "attic");
        Assert.NotEqual(added.Output, rotated.Output);
        Assert.StartsWith("attic.", rotated.Output, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync(gateway, "remove", "attic")).ExitCode);
        var gone = await RunAsync(gateway, "show", "attic");
        Assert.Equal(1, gone.ExitCode);
        Assert.Contains("There is no device 'attic'", gone.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_goes_wrong_is_told_with_what_to_do_next()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var key = await RunAsync(gateway, "list", "--key", "not-a-key-of-this-gateway");
        Assert.Equal(1, key.ExitCode);
        Assert.Contains("IOTGW_KEY", key.Output, StringComparison.Ordinal);

        var id = await RunAsync(gateway, "add", "Not An Id");
        Assert.Equal(1, id.ExitCode);
        Assert.Contains("a-z", id.Output, StringComparison.Ordinal);

        var nobody = await RunAsync(gateway, "list", "--gateway", $"http://127.0.0.1:{ServerProcess.FreePort()}");
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains("iotgw serve", nobody.Output, StringComparison.Ordinal);
    }

    private static async Task<string> StateAsync(GatewayProcess gateway)
    {
        var shown = await RunAsync(gateway, "show", "attic", "--json");
        var device = JsonElement.Parse(shown.Output);
        Assert.Equal("Under the roof", device.GetProperty("name").GetString());
        if (device.GetProperty("disabled").GetBoolean())
            return "disabled";
        var settings = device.GetProperty("reported").GetProperty("settings");
        Assert.Equal(100, settings.GetProperty("sampleIntervalMs").GetInt32());
        return device.GetProperty("presence").GetProperty("online").GetBoolean() ? "online" : "offline";
    }

    private static Task<ProgramRun> RunAsync(GatewayProcess gateway, params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", [GatewayProcess.Dll, "device", .. arguments, "--data", gateway.Folder]);
}
