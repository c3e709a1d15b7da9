using System.Text.Json;
using IoTGateway.Commands;
using IoTGateway.Mqtt;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Mqtt;

/// <summary>Commands by topic and their results, on a real broker.</summary>
public sealed class CommandTopicTests : IAsyncLifetime
{
    private MosquittoServer _mosquitto = null!; // made before each test
    private TestGateway _gateway = null!; // made before each test
    private Party _sender = null!; // made before each test

    public async ValueTask InitializeAsync()
    {
        _mosquitto = await MosquittoServer.StartAsync();
        _gateway = await TestGateway.StartAsync($"--Mqtt:Url={_mosquitto.Url}", "--Mqtt:HomeAssistant=false");
        _sender = await Party.ConnectAsync(Party.Options(_mosquitto.Url));
        await _sender.SubscribeAsync("iotgw/+/results/#");
        await ListensAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _gateway.DisposeAsync();
        await _mosquitto.DisposeAsync();
    }

    [Fact]
    public async Task A_command_by_topic_reaches_the_device_and_each_change_comes_back()
    {
        await using var device = await LinkClient.OpenAsync(_gateway, await _gateway.AddDeviceAsync("roof"));
        await _sender.PublishAsync("iotgw/roof/commands/light", """{"on": true, "ttlSeconds": 20}""");
        var command = await ReceiveAsync(device);
        Assert.Equal(("light", """{"on":true}"""), (command.Name, command.Json));
        Assert.InRange(command.TtlMs, 1u, 20_000u);
        await device.SendAsync(new CommandResult(command.Id, CommandOutcome.Succeeded, """{"lux":7}""").Write);

        var changes = await ResultsAsync($"iotgw/roof/results/{command.Id}", 3);
        Assert.Equal(
            ["queued mqtt", "sent gateway", "succeeded device"],
            changes.Select(change => $"{Text(change, "status")} {Text(change, "by")}")
        );
        var last = changes[^1];
        Assert.Equal(command.Id, last.GetProperty("id").GetGuid());
        Assert.Equal("light", Text(last, "name"));
        Assert.True(last.GetProperty("arguments").GetProperty("on").GetBoolean());
        Assert.Equal(7, last.GetProperty("result").GetProperty("lux").GetInt32());
        Assert.True(last.GetProperty("time").GetInt64() > House.Noon);
        Assert.False(last.TryGetProperty("idempotencyKey", out _));
        Assert.All(
            _sender.Messages,
            message => Assert.Equal((MqttQos.AtLeastOnce, false), (message.Qos, message.IsRetained))
        );
        Assert.Equal(1, await CountAsync("taken"));
    }

    [Fact]
    public async Task Results_of_commands_of_the_API_come_out_as_well()
    {
        await using var device = await LinkClient.OpenAsync(_gateway, await _gateway.AddDeviceAsync("roof"));
        await CommandCalls.PostAsync(_gateway, "roof", """{"name":"light","idempotencyKey":"k"}""");
        var id = (await ReceiveAsync(device)).Id;
        await device.SendAsync(new CommandResult(id, CommandOutcome.Failed, """{"error":"dark"}""").Write);
        var changes = await ResultsAsync($"iotgw/roof/results/{id}", 3);
        Assert.Equal(
            ["queued api:admin", "sent gateway", "failed device"],
            changes.Select(change => $"{Text(change, "status")} {Text(change, "by")}")
        );
        Assert.Equal("k", Text(changes[^1], "idempotencyKey"));
    }

    [Fact]
    public async Task The_same_id_is_the_same_command_and_says_how_it_stands()
    {
        await using var device = await LinkClient.OpenAsync(_gateway, await _gateway.AddDeviceAsync("roof"));
        await _sender.PublishAsync("iotgw/roof/commands/light", """{"id":"on-1"}""");
        var command = await ReceiveAsync(device);
        Assert.Equal("", command.Json);
        await device.SendAsync(new CommandResult(command.Id, CommandOutcome.Succeeded, "").Write);
        var topic = $"iotgw/roof/results/{command.Id}";
        await ResultsAsync(topic, 3);
        await _sender.PublishAsync("iotgw/roof/commands/light", """{"id":"on-1"}""");
        var again = (await ResultsAsync(topic, 4))[^1];
        Assert.Equal(("succeeded", "on-1"), (Text(again, "status"), Text(again, "idempotencyKey")));
        Assert.Equal(1, await CountAsync("repeated"));

        // Another wish under its name is none.
        await RefusedAsync(
            ("iotgw/roof/commands/light", """{"id":"on-1","on":false}"""),
            "iotgw/roof/results/on-1",
            "id_reused",
            "on-1"
        );
        Assert.Single(await CommandsAsync("roof"));
    }

    [Theory]
    [InlineData("iotgw/roof/commands/light", "", "malformed")]
    [InlineData("iotgw/roof/commands/light", "on", "malformed")]
    [InlineData("iotgw/roof/commands/light", "[1]", "malformed")]
    [InlineData("iotgw/roof/commands/light", """{"id":5}""", "malformed")]
    [InlineData("iotgw/roof/commands/light", """{"ttlSeconds":0}""", "malformed")]
    [InlineData("iotgw/roof/commands/light", """{"ttlSeconds":"soon"}""", "malformed")]
    [InlineData("iotgw/roof/commands/light", """{"x":"\ud800"}""", "malformed")]
    [InlineData("iotgw/roof/commands/light/on", "{}", "malformed")]
    [InlineData("iotgw/roof/commands", "{}", "malformed")]
    [InlineData("iotgw/cellar/commands/light", "{}", "unknown_device")]
    public async Task What_is_no_command_is_counted_and_answered(string topic, string payload, string outcome)
    {
        await _gateway.AddDeviceAsync("roof");
        await RefusedAsync(
            (topic, payload),
            $"{topic[..topic.IndexOf("/commands", StringComparison.Ordinal)]}/results/refused",
            outcome,
            id: null
        );
        Assert.Empty(await CommandsAsync("roof"));
    }

    [Fact]
    public async Task A_payload_larger_than_any_command_is_counted_and_answered()
    {
        await _gateway.AddDeviceAsync("roof");
        await RefusedAsync(
            ("iotgw/roof/commands/light", $$"""{"x":"{{new string('x', 9000)}}"}"""),
            "iotgw/roof/results/refused",
            "too_large",
            id: null
        );
    }

    [Fact]
    public async Task More_than_may_wait_are_counted_and_answered_under_the_id_they_gave()
    {
        await _gateway.AddDeviceAsync("roof");
        for (var n = 0; n < 16; n++)
            await _sender.PublishAsync("iotgw/roof/commands/light", $$"""{"id":"n-{{n}}"}""");
        await RefusedAsync(
            ("iotgw/roof/commands/light", """{"id":"n-16"}"""),
            "iotgw/roof/results/n-16",
            "too_many",
            "n-16"
        );
        Assert.Equal(16, (await CommandsAsync("roof")).Length);
    }

    [Fact]
    public async Task A_retained_command_is_a_ghost_that_never_runs()
    {
        await _sender.SubscribeAsync("house/+/results/#");
        await _sender.PublishAsync("house/roof/commands/light", """{"id":"ghost"}""", retain: true);
        await using var gateway = await TestGateway.StartAsync($"--Mqtt:Url={_mosquitto.Url}", "--Mqtt:Prefix=house");
        await gateway.AddDeviceAsync("roof");
        var answer = (await ResultsAsync("house/roof/results/ghost", 1))[0];
        Assert.Equal("refused", Text(answer, "status"));
        Assert.Equal(1, await gateway.MetricAsync("""iotgw_mqtt_commands_total{outcome="retained"}"""));
        Assert.Equal("[]", await gateway.Client.GetStringAsync("/api/devices/roof/commands"));
    }

    [Fact]
    public async Task A_command_that_is_published_as_retained_while_the_gateway_listens_does_not_run_either()
    {
        await _gateway.AddDeviceAsync("roof");
        await MosquittoTests.RunAsync(
            "/usr/bin/mosquitto_pub",
            ["-p", $"{_mosquitto.Port}", "-q", "1", "-r", "-t", "iotgw/roof/commands/light", "-m", """{"id":"live"}"""]
        );
        var answer = (await ResultsAsync("iotgw/roof/results/live", 1))[0];
        Assert.Equal("refused", Text(answer, "status"));
        Assert.Equal(1, await CountAsync("retained"));
        Assert.Empty(await CommandsAsync("roof"));
    }

    [Fact]
    public async Task Results_outlast_an_outage_of_the_broker()
    {
        await using var device = await LinkClient.OpenAsync(_gateway, await _gateway.AddDeviceAsync("roof"));
        await _sender.PublishAsync("iotgw/roof/commands/light", "{}");
        var command = await ReceiveAsync(device);
        await ResultsAsync($"iotgw/roof/results/{command.Id}", 2);
        await _mosquitto.StopAsync();
        await device.SendAsync(new CommandResult(command.Id, CommandOutcome.Succeeded, "").Write);
        await Patience.UntilAsync(
            async () => Text((await CommandsAsync("roof"))[0], "status") == "succeeded",
            "the outcome in the API"
        );
        await _mosquitto.ResumeAsync();
        var last = (await ResultsAsync($"iotgw/roof/results/{command.Id}", 3))[^1];
        Assert.Equal("succeeded", Text(last, "status"));
    }

    [Fact]
    public async Task An_outcome_of_an_outage_comes_out_after_a_restart_of_the_gateway_too()
    {
        await using var device = await LinkClient.OpenAsync(_gateway, await _gateway.AddDeviceAsync("roof"));
        await _sender.PublishAsync("iotgw/roof/commands/light", "{}");
        var command = await ReceiveAsync(device);
        await ResultsAsync($"iotgw/roof/results/{command.Id}", 2);
        await _mosquitto.StopAsync();
        await device.SendAsync(new CommandResult(command.Id, CommandOutcome.Succeeded, """{"lux":7}""").Write);
        await Patience.UntilAsync(
            async () => Text((await CommandsAsync("roof"))[0], "status") == "succeeded",
            "the outcome in the API"
        );
        await _gateway.RestartAsync();
        await _mosquitto.ResumeAsync();
        var last = (await ResultsAsync($"iotgw/roof/results/{command.Id}", 3))[^1];
        Assert.Equal("succeeded", Text(last, "status"));
        Assert.Equal(7, last.GetProperty("result").GetProperty("lux").GetInt32());
        // The broker has it, and it is not told a third time.
        await Patience.UntilAsync(() => _gateway.Get<CommandDispatcher>().Untold(1).Count == 0, "the mark on disk");
    }

    [Fact]
    public async Task More_outcomes_than_the_feed_holds_come_out_after_an_outage()
    {
        await _gateway.AddDeviceAsync("roof");
        await _mosquitto.StopAsync();
        var dispatcher = _gateway.Get<CommandDispatcher>();
        var order = new CommandOrder("roof", "light", "", TimeSpan.FromMinutes(1), null, "test");
        // Each is queued and taken back: two changes.
        for (var n = 0; n < 300; n++)
        {
            var command = (await dispatcher.SubmitAsync(order, Patience.Token())).Command!; // none waits: it is taken
            await dispatcher.CancelAsync("roof", command.Id, "test", Patience.Token());
        }
        Assert.True(await _gateway.MetricAsync("iotgw_mqtt_results_missed_total") > 0);
        var kept = dispatcher.Of("roof").Select(command => command.Id).ToHashSet();
        await _mosquitto.ResumeAsync();
        await Patience.UntilAsync(
            () =>
                kept.IsSubsetOf(
                    _sender
                        .Messages.Select(message => JsonElement.Parse(message.Payload.Span))
                        .Where(json => json.TryGetProperty("id", out _) && Text(json, "status") == "cancelled")
                        .Select(json => json.GetProperty("id").GetGuid())
                ),
            "every outcome that is kept"
        );
        await Patience.UntilAsync(() => dispatcher.Untold(1).Count == 0, "the marks on disk");
    }

    /// <summary>The gateway's subscription stands once it answers.</summary>
    private async Task ListensAsync()
    {
        await Patience.UntilAsync(
            async () =>
            {
                await _sender.PublishAsync("iotgw/nobody/commands/x", "{}");
                return _sender.Messages.Any(message => message.Topic == "iotgw/nobody/results/refused");
            },
            "an answer of the gateway"
        );
        // One after the other: with this all before are answered, and counted.
        await _sender.PublishAsync("iotgw/nobody/commands/x", """{"id":"last"}""");
        await ResultsAsync("iotgw/nobody/results/last", 1);
    }

    private async Task RefusedAsync((string Topic, string Payload) message, string topic, string outcome, string? id)
    {
        var before = await CountAsync(outcome);
        await _sender.PublishAsync(message.Topic, message.Payload);
        var answer = (await ResultsAsync(topic, 1))[0];
        Assert.Equal("refused", Text(answer, "status"));
        Assert.NotEqual("", Text(answer.GetProperty("result"), "error"));
        Assert.False(answer.TryGetProperty("id", out _));
        Assert.Equal(id, answer.TryGetProperty("idempotencyKey", out var key) ? key.GetString() : null);
        Assert.Equal(before + 1, await CountAsync(outcome));
    }

    private async Task<JsonElement[]> ResultsAsync(string topic, int count)
    {
        JsonElement[] Found() =>
            [
                .. _sender
                    .Messages.Where(message => message.Topic == topic)
                    .Select(message => JsonElement.Parse(message.Payload.Span)),
            ];
        await Patience.UntilAsync(
            () => Found().Length >= count,
            $"{count} on {topic}, of {string.Join(", ", _sender.Messages.Select(message => message.Topic).Distinct())}"
        );
        return Found();
    }

    private Task<double> CountAsync(string outcome) =>
        _gateway.MetricAsync($$"""iotgw_mqtt_commands_total{outcome="{{outcome}}"}""");

    private async Task<JsonElement[]> CommandsAsync(string device) =>
        [
            .. JsonElement
                .Parse(await _gateway.Client.GetStringAsync($"/api/devices/{device}/commands"))
                .EnumerateArray(),
        ];

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static async Task<Command> ReceiveAsync(LinkClient device)
    {
        var message = await device.ReceiveAsync();
        Assert.True(Command.TryRead(message, out var command, out var error), error.ToString());
        return command;
    }
}
