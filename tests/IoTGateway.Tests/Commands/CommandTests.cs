using System.Net;
using System.Text.Json;
using IoTGateway.Commands;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Commands;

public sealed class CommandTests
{
    [Theory]
    [InlineData(CommandOutcome.Succeeded, "succeeded")]
    [InlineData(CommandOutcome.Failed, "failed")]
    [InlineData(CommandOutcome.Refused, "refused")]
    [InlineData(CommandOutcome.Expired, "expired")]
    public async Task A_command_is_delivered_live_and_the_waiting_caller_gets_its_outcome(
        CommandOutcome outcome,
        string word
    )
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var answering = CommandCalls.PostAsync(
            gateway,
            "roof",
            """{"name":"light","arguments":{"on":true}}""",
            wait: 15
        );
        var command = await ReceiveAsync(device);
        Assert.Equal(("light", """{"on":true}"""), (command.Name, command.Json));
        Assert.InRange(command.TtlMs, 1u, 30_000u);
        await device.SendAsync(new CommandResult(command.Id, outcome, """{"lux":7}""").Write);
        var (status, report) = await answering;
        Assert.Equal(200, status);
        Assert.Equal(word, report.GetProperty("status").GetString());
        Assert.Equal(7, report.GetProperty("result").GetProperty("lux").GetInt32());
        var changes = report
            .GetProperty("changes")
            .EnumerateArray()
            .Select(change => change.GetProperty("status").GetString());
        Assert.Equal(["queued", "sent", word], changes);
        Assert.Equal(1, await gateway.MetricAsync($$"""iotgw_commands_total{status="{{word}}"}"""));
    }

    [Fact]
    public async Task A_command_for_a_device_that_is_away_waits_and_is_delivered_when_it_comes()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var (status, queued) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
        Assert.Equal((202, "queued"), (status, queued.GetProperty("status").GetString()));
        await using var device = await LinkClient.OpenAsync(gateway, token);
        Assert.Equal(queued.GetProperty("id").GetGuid(), (await ReceiveAsync(device)).Id);
        Assert.Equal("sent", await CommandCalls.StatusAsync(gateway, "roof", queued));
    }

    [Fact]
    public async Task A_cancel_that_the_disk_does_not_take_is_answered_with_503_and_the_command_waits_on()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        var (_, queued) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light","ttlSeconds":600}""");
        var path = $"/api/devices/roof/commands/{queued.GetProperty("id").GetString()}";
        using var database = gateway.Get<ControlDatabase>().Open();
        database.Execute("ALTER TABLE commands RENAME TO away");
        using (var refused = await gateway.Client.DeleteAsync(path))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Contains("try again", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        database.Execute("ALTER TABLE away RENAME TO commands");
        Assert.Equal("queued", await CommandCalls.StatusAsync(gateway, "roof", queued));
        using var taken = await gateway.Client.DeleteAsync(path);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Fact]
    public async Task A_command_without_a_result_is_sent_again_after_a_reconnect_and_one_with_a_result_is_not()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        Guid unanswered;
        await using (var device = await LinkClient.OpenAsync(gateway, token))
        {
            await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
            unanswered = (await ReceiveAsync(device)).Id;
            var (_, answered) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"reboot"}""");
            await device.SendAsync(
                new CommandResult((await ReceiveAsync(device)).Id, CommandOutcome.Succeeded, "").Write
            );
            await Patience.UntilAsync(
                async () => await CommandCalls.StatusAsync(gateway, "roof", answered) == "succeeded",
                "the result"
            );
        }
        await using var again = await LinkClient.OpenAsync(gateway, token);
        Assert.Equal(unanswered, (await ReceiveAsync(again)).Id);
        // What follows is the receipt of this, not another command.
        await again.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        await again.AcknowledgedAsync(1, 1);
    }

    [Fact]
    public async Task A_command_expires_where_no_result_comes_within_its_time_to_live()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        var (status, report) = await CommandCalls.PostAsync(
            gateway,
            "roof",
            """{"name":"light","ttlSeconds":1}""",
            wait: 15
        );
        Assert.Equal((200, "expired"), (status, report.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_queued_command_can_be_taken_back_and_a_sent_one_cannot()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var (_, first) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
        using (var response = await gateway.Client.DeleteAsync(PathOf(first)))
            Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("cancelled", await CommandCalls.StatusAsync(gateway, "roof", first));

        var (_, second) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"reboot"}""");
        await using var device = await LinkClient.OpenAsync(gateway, token);
        Assert.Equal("reboot", (await ReceiveAsync(device)).Name);
        using var late = await gateway.Client.DeleteAsync(PathOf(second));
        Assert.Equal(409, (int)late.StatusCode);
        Assert.Contains("queued", await late.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Every_change_says_when_and_who()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var (_, cancelled) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
        using (var response = await gateway.Client.DeleteAsync(PathOf(cancelled)))
            Assert.Equal("queued api:admin, cancelled api:admin", await ChangesAsync(gateway, cancelled));
        gateway.Client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        var (_, clicked) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
        Assert.Equal("queued dashboard:admin", await ChangesAsync(gateway, clicked));
        using (await gateway.Client.DeleteAsync(PathOf(clicked)))
            gateway.Client.DefaultRequestHeaders.Remove("Sec-Fetch-Site");
        gateway.Client.DefaultRequestHeaders.UserAgent.ParseAdd(IoTGateway.Api.Requester.CommandLineAgent);
        var (_, run) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light"}""");
        await using var device = await LinkClient.OpenAsync(gateway, token);
        var command = await ReceiveAsync(device);
        await device.SendAsync(new CommandResult(command.Id, CommandOutcome.Succeeded, "").Write);
        await Patience.UntilAsync(
            async () => await ChangesAsync(gateway, run) == "queued cli:admin, sent gateway, succeeded device",
            "each change with who made it"
        );
    }

    [Fact]
    public async Task A_result_that_comes_too_late_is_counted_and_changes_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using var device = await LinkClient.OpenAsync(gateway, token);
        var (_, report) = await CommandCalls.PostAsync(
            gateway,
            "roof",
            """{"name":"light","ttlSeconds":1}""",
            wait: 15
        );
        await device.SendAsync(new CommandResult((await ReceiveAsync(device)).Id, CommandOutcome.Succeeded, "").Write);
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_command_stray_results_total") == 1,
            "the stray result"
        );
        Assert.Equal("expired", await CommandCalls.StatusAsync(gateway, "roof", report));
    }

    [Fact]
    public async Task A_command_larger_than_the_device_takes_is_refused_for_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using var device = await LinkClient.OpenAsync(gateway, token, maxMessageBytes: 128);
        var text = new string('x', 200);
        var (status, report) = await CommandCalls.PostAsync(
            gateway,
            "roof",
            $$$"""{"name":"light","arguments":{"a":"{{{text}}}"}}"""
        );
        Assert.Equal((200, "refused"), (status, report.GetProperty("status").GetString()));
        Assert.Contains("128 bytes", report.GetProperty("result").GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_device_that_was_removed_leaves_no_command_for_the_next_of_its_name()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        await CommandCalls.PostAsync(gateway, "roof", """{"name":"reboot"}""");
        await gateway.Client.DeleteAsync("/api/devices/roof");
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        await device.AcknowledgedAsync(1, 1);
    }

    private static async Task<string> ChangesAsync(TestGateway gateway, JsonElement command)
    {
        var report = JsonElement.Parse(await gateway.Client.GetStringAsync(PathOf(command)));
        var changes = report.GetProperty("changes").EnumerateArray().ToArray();
        Assert.All(changes, change => Assert.True(change.GetProperty("time").GetInt64() > House.Noon));
        return string.Join(
            ", ",
            changes.Select(change =>
                $"{change.GetProperty("status").GetString()} {change.GetProperty("by").GetString()}"
            )
        );
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
