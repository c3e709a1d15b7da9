using System.Text.Json;
using IoTGateway.Tests.Mqtt;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary>The gateway's process dies, as by kill -9, with a command that came by MQTT.</summary>
public sealed class MqttCommandCrashTests
{
    [Theory]
    // Not on disk: only the broker has it.
    [InlineData("CommandBeforeCommit", "")]
    // On disk, and the broker has not heard so: it delivers what is known already.
    [InlineData("CommandAfterCommit", "")]
    [InlineData("CommandAfterCommit", "\"id\":\"porch-on-1\",")]
    public async Task A_command_whose_PUBACK_never_came_runs_once_and_its_result_appears(string step, string id)
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Mqtt:Url={mosquitto.Url}",
            "--Mqtt:HomeAssistant=false",
            $"--Diagnostics:KillAt={step}"
        );
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        device.Start();
        await device.UntilAcknowledgedAsync(3);
        await using var sender = await Party.ConnectAsync(Party.Options(mosquitto.Url));
        await sender.SubscribeAsync("iotgw/attic/results/#");
        await ListensAsync(gateway, sender);

        await sender.PublishAsync("iotgw/attic/commands/led", $$"""{{{id}}"on":true,"ttlSeconds":120}""");
        await gateway.EndedAsync();
        await gateway.ResumeAsync("--Diagnostics:KillAt=None");
        await Eventually.HoldsAsync(
            "the result is on its topic",
            () => Task.FromResult(sender.Texts.Any(text => StatusOf(text) == "succeeded"))
        );
        // The broker has heard by now: what it delivers again was dealt with.
        await Eventually.HoldsAsync(
            "the delivery that came again is counted",
            async () => await gateway.CountAsync($"iotgw_mqtt_commands_total{{outcome=\"{Outcome(step)}\"}}") == 1
        );
        await device.UntilAcknowledgedAsync(3);
        Assert.Equal(1, device.Status.CommandsRun);
        Assert.Single((await gateway.GetAsync("/api/devices/attic/commands")).EnumerateArray());
    }

    [Theory]
    // Handed to the link: the device may have run it already.
    [InlineData("CommandAfterSend")]
    // The device has run it; only it knows what came of it.
    [InlineData("ResultBeforeCommit")]
    // The outcome is on disk, and nobody has heard of it.
    [InlineData("ResultAfterCommit")]
    public async Task The_result_of_a_command_whose_gateway_died_on_the_way_appears_and_it_ran_once(string step)
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Mqtt:Url={mosquitto.Url}",
            "--Mqtt:HomeAssistant=false",
            $"--Diagnostics:KillAt={step}"
        );
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        device.Start();
        await device.UntilAcknowledgedAsync(3);
        await using var sender = await Party.ConnectAsync(Party.Options(mosquitto.Url));
        await sender.SubscribeAsync("iotgw/attic/results/#");
        await ListensAsync(gateway, sender);

        await sender.PublishAsync("iotgw/attic/commands/led", """{"on":true,"ttlSeconds":120}""");
        await gateway.EndedAsync();
        Assert.DoesNotContain(sender.Texts, text => StatusOf(text) == "succeeded");
        await gateway.ResumeAsync("--Diagnostics:KillAt=None");
        await Eventually.HoldsAsync(
            "the result is on its topic",
            () => Task.FromResult(sender.Texts.Any(text => StatusOf(text) == "succeeded"))
        );
        // Should its PUBACK have been lost as well, what comes again has come before this is refused.
        await ListensAsync(gateway, sender);
        await device.UntilAcknowledgedAsync(3);
        Assert.Equal(1, device.Status.CommandsRun);
        Assert.Single((await gateway.GetAsync("/api/devices/attic/commands")).EnumerateArray());
    }

    private static string Outcome(string step) => step == "CommandBeforeCommit" ? "taken" : "repeated";

    /// <summary>A message that is no command is refused once the gateway has subscribed.</summary>
    private static Task ListensAsync(GatewayProcess gateway, Party sender) =>
        Eventually.HoldsAsync(
            "the gateway listens to command topics",
            async () =>
            {
                await sender.PublishAsync("iotgw/attic/commands/led", "no object");
                return await gateway.CountAsync("iotgw_mqtt_commands_total{outcome=\"malformed\"}") > 0;
            }
        );

    private static string? StatusOf(string text) => JsonElement.Parse(text).GetProperty("status").GetString();
}
