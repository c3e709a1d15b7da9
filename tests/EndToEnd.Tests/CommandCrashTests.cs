using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace EndToEnd.Tests;

/// <summary>The gateway's process dies at each step of a command, as by kill -9, and comes back.</summary>
public sealed class CommandCrashTests
{
    private const string Alive = "--Diagnostics:KillAt=None";
    private const string Led = """{"name":"led","arguments":{"on":true},"ttlSeconds":120}""";

    [Theory]
    [InlineData("CommandBeforeCommit")]
    [InlineData("CommandAfterCommit")]
    [InlineData("CommandAfterSend")]
    public async Task A_command_on_a_live_link_survives_a_gateway_that_dies_at_any_step_and_runs_once(string step)
    {
        await using var gateway = await GatewayProcess.StartAsync($"--Diagnostics:KillAt={step}");
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        device.Start();
        await device.UntilAcknowledgedAsync(3);
        // Without a key: what was not taken in must not come again from nowhere.
        var heard = await TryPostAsync(gateway, Led);
        await gateway.EndedAsync();
        // Once it is sent, the caller is told, and may hear it before the end.
        if (step != "CommandAfterSend")
            Assert.Null(heard);
        await gateway.ResumeAsync(Alive);

        if (step == "CommandBeforeCommit")
        {
            Assert.Empty(await CommandsAsync(gateway));
            heard = await TryPostAsync(gateway, Led);
            Assert.NotNull(heard);
        }
        await RunsOnceAsync(gateway, device, heard);
    }

    [Theory]
    [InlineData("DeliverBeforeCommit")]
    [InlineData("DeliverAfterCommit")]
    [InlineData("DeliverAfterSend")]
    [InlineData("ResultBeforeCommit")]
    [InlineData("ResultAfterCommit")]
    public async Task A_command_that_waits_survives_a_gateway_that_dies_when_the_device_comes_and_runs_once(string step)
    {
        await using var gateway = await GatewayProcess.StartAsync($"--Diagnostics:KillAt={step}");
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        var heard = await TryPostAsync(gateway, Led);
        Assert.NotNull(heard);
        device.Start();
        await gateway.EndedAsync();
        await gateway.ResumeAsync(Alive);
        await RunsOnceAsync(gateway, device, heard);
    }

    [Theory]
    [InlineData("CancelBeforeCommit", "succeeded", 1)]
    [InlineData("CancelAfterCommit", "cancelled", 0)]
    public async Task A_cancel_whose_gateway_dies_has_either_happened_or_not(string step, string status, int runs)
    {
        await using var gateway = await GatewayProcess.StartAsync($"--Diagnostics:KillAt={step}");
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        var id = await TryPostAsync(gateway, Led);
        var answer = await Record.ExceptionAsync(() => gateway.Api.DeleteAsync($"/api/devices/attic/commands/{id}"));
        Assert.True(answer is HttpRequestException or IOException, $"{answer}");
        await gateway.EndedAsync();
        await gateway.ResumeAsync(Alive);
        device.Start();
        await EndsAsync(gateway, device, status, runs);
    }

    [Theory]
    [InlineData("ExpireBeforeCommit")]
    [InlineData("ExpireAfterCommit")]
    public async Task A_command_that_expires_while_its_gateway_dies_has_expired_and_never_runs(string step)
    {
        await using var gateway = await GatewayProcess.StartAsync($"--Diagnostics:KillAt={step}");
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        // Its 202 races with its end.
        await TryPostAsync(gateway, """{"name":"led","arguments":{"on":true},"ttlSeconds":1}""");
        await gateway.EndedAsync();
        await gateway.ResumeAsync(Alive);
        device.Start();
        await EndsAsync(gateway, device, "expired", runs: 0);
    }

    [Fact]
    public async Task A_command_whose_time_passed_while_the_gateway_was_dead_expires_and_never_runs()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        Assert.NotNull(await TryPostAsync(gateway, """{"name":"led","arguments":{"on":true},"ttlSeconds":1}"""));
        Assert.NotNull(await TryPostAsync(gateway, """{"name":"led","arguments":{"on":false},"ttlSeconds":300}"""));
        await gateway.KillAsync();
        await gateway.ResumeAsync();
        await Eventually.HoldsAsync(
            "the short one has expired",
            async () => StatusOf((await CommandsAsync(gateway))[^1]) == "expired"
        );
        device.Start();
        await Eventually.HoldsAsync(
            "the long one has run",
            async () => StatusOf((await CommandsAsync(gateway))[0]) == "succeeded"
        );
        Assert.Equal((1, """led {"on":false}"""), (device.Status.CommandsRun, device.Status.LastCommand));
    }

    [Fact]
    public async Task Under_load_and_three_kills_no_command_after_202_is_lost_and_none_runs_twice()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        device.Start();
        await device.UntilAcknowledgedAsync(3);
        var heard = new ConcurrentQueue<Guid>();
        for (var kill = 0; kill < 3; kill++)
        {
            var posting = PostUntilDeadAsync(gateway, heard);
            await Eventually.HoldsAsync("some are on their way", () => Task.FromResult(heard.Count > 10 * (kill + 1)));
            await gateway.KillAsync();
            await posting;
            await gateway.ResumeAsync();
        }
        var commands = Array.Empty<JsonElement>();
        await Eventually.HoldsAsync(
            "all have succeeded",
            async () =>
            {
                commands = await CommandsAsync(gateway);
                return Array.TrueForAll(commands, command => StatusOf(command) == "succeeded");
            }
        );
        Assert.Superset(heard.ToHashSet(), commands.Select(command => command.GetProperty("id").GetGuid()).ToHashSet());
        Assert.Equal(commands.Length, device.Status.CommandsRun);
    }

    /// <summary>Under the id that was heard with 202, where it was.</summary>
    private static async Task RunsOnceAsync(GatewayProcess gateway, Streamer device, Guid? heard)
    {
        await EndsAsync(gateway, device, "succeeded", runs: 1);
        var id = (await CommandsAsync(gateway))[0].GetProperty("id").GetGuid();
        Assert.Equal(heard ?? id, id);
    }

    private static async Task EndsAsync(GatewayProcess gateway, Streamer device, string status, int runs)
    {
        await Eventually.HoldsAsync(
            $"the command has {status}",
            async () => (await CommandsAsync(gateway)) is [var only] && StatusOf(only) == status
        );
        // What was sent before these rows is dealt with.
        await device.UntilAcknowledgedAsync(3);
        Assert.Equal(runs, device.Status.CommandsRun);
    }

    private static async Task PostUntilDeadAsync(GatewayProcess gateway, ConcurrentQueue<Guid> heard)
    {
        try
        {
            while (true)
            {
                const string Json = """{"name":"led","arguments":{"on":true},"ttlSeconds":300}""";
                using var answer = await PostAsync(gateway, Json);
                // Sixteen may wait; it goes on when some have ended.
                if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                    continue;
                heard.Enqueue((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid());
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            // It is dead: whoever heard nothing knows nothing.
        }
    }

    /// <summary>The id of the command that was taken in; null where no answer came.</summary>
    private static async Task<Guid?> TryPostAsync(GatewayProcess gateway, string json)
    {
        try
        {
            using var answer = await PostAsync(gateway, json);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static Task<HttpResponseMessage> PostAsync(GatewayProcess gateway, string json) =>
        gateway.Api.PostAsync(
            "/api/devices/attic/commands",
            new StringContent(json, System.Text.Encoding.UTF8, "application/json")
        );

    /// <summary>Newest first.</summary>
    private static async Task<JsonElement[]> CommandsAsync(GatewayProcess gateway) =>
        [.. (await gateway.GetAsync("/api/devices/attic/commands")).EnumerateArray()];

    private static string? StatusOf(JsonElement command) => command.GetProperty("status").GetString();
}
