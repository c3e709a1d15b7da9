using System.Net.Http.Json;
using System.Text.Json;

namespace EndToEnd.Tests;

/// <summary>A board loses its power with a command on the way, and has it back when the command's time is over.</summary>
public sealed class DeviceRebootTests
{
    [Fact]
    public async Task A_command_that_waits_for_a_board_without_power_expires_and_never_runs()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var device = await StartDeviceAsync(gateway);
        device.CutPower();
        await PostAsync(gateway, ttlSeconds: 2);
        await ExpiresAsync(gateway, device);
    }

    [Fact]
    public async Task A_command_that_lost_its_power_as_it_began_expires_and_never_runs()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var device = await StartDeviceAsync(gateway);
        await device.LosePowerInNextWriteAsync(() => PostAsync(gateway, ttlSeconds: 4));
        // It had come to the board, which was about to run it.
        Assert.NotEmpty(device.FlashFiles("command*.begun"));
        await ExpiresAsync(gateway, device);
    }

    private static async Task<Streamer> StartDeviceAsync(GatewayProcess gateway)
    {
        var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        device.Start();
        await device.UntilAcknowledgedAsync(3);
        return device;
    }

    private static async Task PostAsync(GatewayProcess gateway, int ttlSeconds)
    {
        using var answer = await gateway.Api.PostAsJsonAsync(
            "/api/devices/attic/commands",
            new
            {
                name = "led",
                arguments = new { on = true },
                ttlSeconds,
            }
        );
        answer.EnsureSuccessStatusCode();
    }

    private static async Task ExpiresAsync(GatewayProcess gateway, Streamer device)
    {
        await Eventually.HoldsAsync("the command has expired", async () => await StatusAsync(gateway) == "expired");
        device.Start();
        // What was sent before these rows is dealt with.
        await device.UntilAcknowledgedAsync(3);
        Assert.Equal((0, false), (device.Status.CommandsRun, device.LedIsOn));
        Assert.Equal("expired", await StatusAsync(gateway));
    }

    private static async Task<string?> StatusAsync(GatewayProcess gateway)
    {
        var commands = (await gateway.GetAsync("/api/devices/attic/commands")).EnumerateArray().ToArray();
        return Assert.Single(commands).GetProperty("status").GetString();
    }
}
