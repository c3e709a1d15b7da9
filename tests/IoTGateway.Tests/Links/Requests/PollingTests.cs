using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links.Requests;

/// <summary>PROTOCOL.md, "HTTP", 4: commands and settings, by polling and by long polling.</summary>
public sealed class PollingTests
{
    private const string Light = """{"name":"light","arguments":{"on":true},"ttlSeconds":20}""";

    [Fact]
    public async Task A_command_that_waits_is_in_the_next_answer_and_its_result_ends_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        var (status, report) = await CommandCalls.PostAsync(gateway, "roof", Light);
        Assert.Equal(202, status);
        Assert.Equal("queued", await CommandCalls.StatusAsync(gateway, "roof", report));

        var command = Assert.Single((await device.AskAsync("")).Commands);
        Assert.Equal(("light", """{"on":true}"""), (command.Name, command.Json));
        Assert.InRange(command.TtlMs, 1u, 20_000u);
        Assert.Equal("sent", await CommandCalls.StatusAsync(gateway, "roof", report));

        var result = new CommandResult(command.Id, CommandOutcome.Succeeded, """{"on":true}""");
        Assert.Empty((await device.AskAsync("", House.Bytes(result.Write))).Commands);
        Assert.Equal("succeeded", await CommandCalls.StatusAsync(gateway, "roof", report));
        // The same result once more, after an answer that was lost, changes nothing.
        Assert.Equal([MessageType.Welcome], (await device.AskAsync("", House.Bytes(result.Write))).Types);
    }

    [Fact]
    public async Task A_result_that_comes_with_BYE_is_on_disk_with_the_answer()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        var (_, report) = await CommandCalls.PostAsync(gateway, "roof", Light);
        var command = Assert.Single((await device.AskAsync("")).Commands);
        var result = House.Bytes(new CommandResult(command.Id, CommandOutcome.Succeeded, "7").Write);
        Assert.Equal(200, (await device.AskAsync("", result, House.Bytes(new Bye(ByeReason.Reboot, 0).Write))).Status);
        Assert.Equal("succeeded", await CommandCalls.StatusAsync(gateway, "roof", report));
    }

    [Fact]
    public async Task A_held_request_is_answered_at_once_when_a_command_comes()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        var held = device.AskAsync("?wait=30");
        await PollingDevice.HeldAsync(gateway);
        var began = TimeProvider.System.GetTimestamp();
        var calling = CommandCalls.PostAsync(gateway, "roof", Light, wait: 15);
        var answer = await held;
        var command = Assert.Single(answer.Commands);
        Assert.Equal([MessageType.Welcome, MessageType.Command], answer.Types);
        await device.AskAsync("", House.Bytes(new CommandResult(command.Id, CommandOutcome.Succeeded, "7").Write));
        var (status, report) = await calling;
        Assert.Equal((200, "succeeded"), (status, report.GetProperty("status").GetString()));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 14);
        Assert.Equal(0, await gateway.MetricAsync("iotgw_requests_held"));
    }

    [Fact]
    public async Task A_command_in_an_answer_that_was_lost_comes_again_after_5_s_also_where_a_request_is_held()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        await CommandCalls.PostAsync(gateway, "roof", Light);
        var lost = Assert.Single((await device.AskAsync("")).Commands);
        var began = TimeProvider.System.GetTimestamp();
        Assert.Empty((await device.AskAsync("")).Commands);
        var again = Assert.Single((await device.AskAsync("?wait=30")).Commands);
        Assert.Equal(lost.Id, again.Id);
        Assert.True(again.TtlMs < lost.TtlMs);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 4.5, 20);
    }

    [Fact]
    public async Task Another_boot_gets_a_command_without_result_at_once()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        await CommandCalls.PostAsync(gateway, "roof", Light);
        var lost = Assert.Single((await device.AskAsync("")).Commands);
        device.Epoch = 2;
        Assert.Equal(lost.Id, Assert.Single((await device.AskAsync("?wait=30")).Commands).Id);
    }

    [Fact]
    public async Task A_command_whose_time_passes_between_two_requests_is_never_sent()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        var (_, report) = await CommandCalls.PostAsync(gateway, "roof", """{"name":"light","ttlSeconds":1}""");
        await Patience.UntilAsync(
            async () => await CommandCalls.StatusAsync(gateway, "roof", report) == "expired",
            "the command to expire"
        );
        Assert.Equal([MessageType.Welcome], (await device.AskAsync("")).Types);
    }

    [Fact]
    public async Task What_does_not_fit_an_answer_is_in_the_next_one()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof")) { MaxMessageBytes = 1000 };
        await device.TellAsync("");
        var text = new string('x', 900);
        for (var i = 0; i < 3; i++)
            await CommandCalls.PostAsync(
                gateway,
                "roof",
                $$"""{"name":"light","arguments":{"text":"{{text}}"},"ttlSeconds":20}"""
            );
        var seen = new HashSet<Guid>();
        while (seen.Count < 3)
        {
            var answer = await device.AskAsync("?wait=30");
            Assert.InRange(answer.Bytes.Length, 1, 1000 + ProtocolLimits.AnswerExtraBytes);
            Assert.InRange(answer.Commands.Count, 1, 2);
            Assert.All(answer.Commands, command => Assert.True(seen.Add(command.Id)));
        }
    }

    [Fact]
    public async Task Settings_come_in_the_first_answer_and_when_they_change_and_not_again_once_reported()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await PutAsync(gateway, """{"interval":60}""");
        var desired = Assert.Single((await device.TellAsync("")).Settings);
        Assert.Equal("""{"interval":60}""", desired.Json);
        await device.AskAsync("", House.Bytes(new Reported(desired.Version, desired.Json).Write));
        Assert.Empty((await device.AskAsync("")).Settings);

        var held = device.AskAsync("?wait=30");
        await PollingDevice.HeldAsync(gateway);
        await PutAsync(gateway, """{"interval":30}""");
        var changed = Assert.Single((await held).Settings);
        Assert.Equal((desired.Version + 1, """{"interval":30}"""), (changed.Version, changed.Json));
        // A boot starts from what was flashed: it is told again, whatever was reported before.
        device.Epoch = 2;
        Assert.Equal(changed.Version, Assert.Single((await device.AskAsync("")).Settings).Version);
    }

    private static async Task PutAsync(TestGateway gateway, string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var response = await gateway.Client.PutAsync("/api/devices/roof/settings", content);
        Assert.True(response.IsSuccessStatusCode);
    }
}
