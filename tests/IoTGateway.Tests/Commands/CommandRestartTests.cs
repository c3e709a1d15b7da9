using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Commands;

public sealed class CommandRestartTests
{
    [Fact]
    public async Task Over_a_restart_commands_keys_and_history_are_there_and_what_has_no_result_is_sent_again()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        const string Keyed = """{"name":"light","ttlSeconds":600,"idempotencyKey":"once"}""";
        var (_, queued) = await CommandCalls.PostAsync(gateway, "roof", Keyed);
        Guid unanswered;
        await using (var device = await LinkClient.OpenAsync(gateway, token))
        {
            unanswered = await ReceiveAsync(device);
            Assert.Equal(queued.GetProperty("id").GetGuid(), unanswered);
            var answering = CommandCalls.PostAsync(gateway, "roof", """{"name":"reboot"}""", wait: 15);
            await device.SendAsync(new CommandResult(await ReceiveAsync(device), CommandOutcome.Succeeded, "{}").Write);
            Assert.Equal(200, (await answering).Status);
        }
        await gateway.RestartAsync();

        var (_, same) = await CommandCalls.PostAsync(gateway, "roof", Keyed);
        Assert.Equal((unanswered, "sent"), (same.GetProperty("id").GetGuid(), same.GetProperty("status").GetString()));
        await using var again = await LinkClient.OpenAsync(gateway, token);
        Assert.Equal(unanswered, await ReceiveAsync(again));
        await again.SendAsync(new CommandResult(unanswered, CommandOutcome.Succeeded, "").Write);
        await Patience.UntilAsync(
            async () => await CommandCalls.StatusAsync(gateway, "roof", same) == "succeeded",
            "the result that came after the restart"
        );
    }

    [Fact]
    public async Task A_result_that_was_given_while_the_gateway_was_away_is_taken_after_the_reconnect()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var device = await LinkClient.OpenAsync(gateway, token);
        var (_, command) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light","ttlSeconds":600}""");
        var id = await ReceiveAsync(device);
        await gateway.RestartAsync();
        await device.DisposeAsync();
        // A device that answers at once, before it has heard of the command again.
        await using var again = await LinkClient.OpenAsync(gateway, token);
        await again.SendAsync(new CommandResult(id, CommandOutcome.Failed, """{"error":"jammed"}""").Write);
        await Patience.UntilAsync(
            async () => await CommandCalls.StatusAsync(gateway, "roof", command) == "failed",
            "the late result"
        );
    }

    [Fact]
    public async Task A_caller_who_asks_for_the_next_change_gets_it_when_it_comes()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var (_, command) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light","ttlSeconds":600}""");
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"/api/devices/roof/commands/{command.GetProperty("id").GetString()}?changes=1"
        );
        request.Headers.Add("Prefer", "wait=15");
        var asking = gateway.Client.SendAsync(request);
        await using var device = await LinkClient.OpenAsync(gateway, token);
        using var answer = await asking;
        Assert.Contains("\"status\":\"sent\"", await answer.Content.ReadAsStringAsync());
    }

    private static async Task<Guid> ReceiveAsync(LinkClient device)
    {
        var message = await device.ReceiveAsync();
        Assert.True(Command.TryRead(message, out var command, out var error), error.ToString());
        return command.Id;
    }
}
