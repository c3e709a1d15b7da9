using System.Text.Json;
using IoTGateway.Commands;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Commands;

/// <summary>How many there may be, of which key, and for how long they are kept.</summary>
public sealed class CommandLimitTests
{
    [Fact]
    public async Task Beyond_the_limit_a_command_is_refused_with_429_until_one_ends()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:QueuedCommandsPerDevice=2");
        await gateway.AddDeviceAsync("roof");
        var (_, first) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
        await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
        var (status, problem) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
        Assert.Equal(429, status);
        Assert.Contains("Limits:QueuedCommandsPerDevice", problem.GetProperty("detail").GetString());
        await gateway.Client.DeleteAsync(PathOf(first));
        Assert.Equal(202, (await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""")).Status);
    }

    [Fact]
    public async Task More_commands_than_are_kept_may_wait_where_the_settings_say_so()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:QueuedCommandsPerDevice=300");
        await gateway.AddDeviceAsync("roof");
        var dispatcher = gateway.Get<CommandDispatcher>();
        var order = new CommandOrder("roof", "light", "", TimeSpan.FromMinutes(1), null, "test");
        var taken = await Task.WhenAll(
            Enumerable.Range(0, 300).Select(_ => dispatcher.SubmitAsync(order, Patience.Token()))
        );
        Assert.All(taken, submission => Assert.Equal(SubmissionOutcome.Taken, submission.Outcome));
        Assert.Equal(SubmissionOutcome.TooMany, (await dispatcher.SubmitAsync(order, Patience.Token())).Outcome);
        Assert.Equal(300, dispatcher.Of("roof").Count);
    }

    [Theory]
    [InlineData("""{"name":"light","arguments":{"a":"\ud800"}}""", "'arguments'")]
    [InlineData("""{"name":"light","arguments":[1]}""", "'arguments'")]
    [InlineData("""{"name":"light","ttlSeconds":0}""", "'ttlSeconds' is 1 to 604800")]
    [InlineData("""{"name":"light","ttlSeconds":99999999999}""", "'ttlSeconds' is 1 to 604800")]
    [InlineData("""{"name":"light","idempotencyKey":""}""", "'idempotencyKey'")]
    [InlineData("""{}""", "'name'")]
    public async Task What_cannot_be_a_command_is_refused_with_what_can(string json, string said)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        var (status, problem) = await CommandCalls.PostAsync(gateway, "roof", json);
        Assert.Equal(400, status);
        Assert.Contains(said, problem.GetProperty("detail").GetString());
        Assert.Empty(gateway.Get<CommandDispatcher>().Of("roof"));
    }

    [Fact]
    public async Task The_same_idempotency_key_is_the_same_command()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        const string Json = """{"name":"light","idempotencyKey":"once"}""";
        var (_, first) = await CommandCalls.PostAsync(gateway, "roof", Json);
        var (_, second) = await CommandCalls.PostAsync(gateway, "roof", Json);
        Assert.Equal(first.GetProperty("id").GetGuid(), second.GetProperty("id").GetGuid());
        Assert.Single(gateway.Get<CommandDispatcher>().Of("roof"));
    }

    [Theory]
    [InlineData("""{"name":"reboot","arguments":{"a":1},"idempotencyKey":"once"}""")]
    [InlineData("""{"name":"light","arguments":{"a":2},"idempotencyKey":"once"}""")]
    [InlineData("""{"name":"light","arguments":{"a":1},"idempotencyKey":"once","ttlSeconds":31}""")]
    public async Task The_same_idempotency_key_for_another_command_is_refused_with_422(string other)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        const string Json = """{"name":"light","arguments":{"a":1},"idempotencyKey":"once"}""";
        var (_, first) = await CommandCalls.PostAsync(gateway, "roof", Json);
        var (status, problem) = await CommandCalls.PostAsync(gateway, "roof", other);
        Assert.Equal(422, status);
        Assert.Contains(first.GetProperty("id").GetString()!, problem.GetProperty("detail").GetString());
        Assert.Equal(1, await gateway.MetricAsync("""iotgw_commands_submitted_total{outcome="key_reused"}"""));
        Assert.Single(gateway.Get<CommandDispatcher>().Of("roof"));
    }

    [Fact]
    public async Task No_more_than_a_device_remembers_are_sent_while_the_result_of_one_is_not_known()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:QueuedCommandsPerDevice=100");
        var token = await gateway.AddDeviceAsync("roof");
        for (var i = 0; i < 40; i++)
            await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
        await using var device = await LinkClient.OpenAsync(gateway, token);
        var sent = new List<Guid>();
        for (var i = 0; i < 32; i++)
            sent.Add((await ReceiveAsync(device)).Id);
        // The second's result alone lets nothing new out: the first would be the 33rd id the device has to remember.
        await device.SendAsync(new CommandResult(sent[1], CommandOutcome.Succeeded, "").Write);
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        await device.AcknowledgedAsync(1, 1);
        await device.SendAsync(new CommandResult(sent[0], CommandOutcome.Succeeded, "").Write);
        Assert.DoesNotContain((await ReceiveAsync(device)).Id, sent);
    }

    [Fact]
    public async Task Of_what_has_ended_the_newest_are_kept()
    {
        await using var gateway = await TestGateway.StartAsync("--Commands:KeepPerDevice=3");
        await gateway.AddDeviceAsync("roof");
        var (_, waiting) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"reboot"}""");
        for (var i = 0; i < 6; i++)
        {
            var (_, ended) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
            await gateway.Client.DeleteAsync(PathOf(ended));
        }
        var kept = gateway.Get<CommandDispatcher>().Of("roof");
        Assert.InRange(kept.Count, 4, 5);
        Assert.Equal(waiting.GetProperty("id").GetGuid(), kept[0].Id);
    }

    private static string PathOf(JsonElement command) =>
        $"/api/devices/roof/commands/{command.GetProperty("id").GetString()}";

    private static async Task<Command> ReceiveAsync(LinkClient device)
    {
        var message = await device.ReceiveAsync();
        Assert.True(Command.TryRead(message, out var command, out var error), error.ToString());
        return command;
    }
}
