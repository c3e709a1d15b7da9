using System.Text.Json;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;
using IoTGateway.Sinks.Mqtt.HomeAssistant;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;
using IoTGateway.VirtualDevice;

namespace IoTGateway.Tests.Mqtt;

/// <summary>Home Assistant's discovery topics, message by message, as a broker retains them.</summary>
public sealed class HomeAssistantTests : IAsyncLifetime
{
    private static readonly Catalog Rich = new(
        [
            new SensorDescription(
                1,
                "room climate",
                [
                    new FieldDescription("temperature", "Cel", FieldType.Decimal, -2),
                    new FieldDescription("humidity", "%RH", FieldType.Decimal, -1),
                    new FieldDescription("it's", "", FieldType.Float32, 0),
                    new FieldDescription("time", "s", FieldType.Decimal, 0),
                    new FieldDescription("door", "", FieldType.Boolean, 0),
                ]
            ),
            new SensorDescription(2, "a_b", [new FieldDescription("c", "hPa", FieldType.Decimal, 0)]),
            new SensorDescription(3, "a", [new FieldDescription("b_c", "kWh", FieldType.Decimal, 0)]),
        ],
        [
            new CommandDescription("reboot", """{"type":"object","maxProperties":0}"""),
            new CommandDescription(
                "led",
                """{"type":"object","properties":{"on":{"type":"boolean"}},"required":["on"]}"""
            ),
            new CommandDescription(
                "interval",
                """{"type":"object","properties":{"ms":{"type":"integer","minimum":100,"maximum":5000}},"required":["ms"]}"""
            ),
            new CommandDescription(
                "mix",
                """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a","b"]}"""
            ),
            new CommandDescription(
                "mode",
                """{"type":"object","properties":{"to":{"enum":["eco","it's \"full\""]}},"required":["to"]}"""
            ),
            new CommandDescription(
                "speed",
                """{"type":"object","properties":{"rpm":{"type":"integer","enum":[0,500,1000]}},"required":["rpm"]}"""
            ),
            new CommandDescription(
                "say",
                """{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"""
            ),
            new CommandDescription("odd", "no schema"),
            new CommandDescription("no/topic", ""),
        ]
    );

    private MosquittoServer _mosquitto = null!; // made before each test

    public async ValueTask InitializeAsync() => _mosquitto = await MosquittoServer.StartAsync("persistence false");

    public ValueTask DisposeAsync() => _mosquitto.DisposeAsync();

    [Fact]
    public async Task Every_field_and_command_of_a_device_is_announced_as_the_documentation_asks()
    {
        await using var gateway = await StartAsync();
        await using var link = await OpenAsync(gateway, "porch.1", Rich);
        var all = await AnnouncedAsync(15);
        foreach (var (topic, payload) in all)
            HomeAssistantSchema.Check(topic, payload);
        var ids = all.Values.Select(config => config.GetProperty("unique_id").GetString()).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());

        var temperature = Named(all, "sensor", "room climate temperature");
        Assert.Equal(
            ("°C", "temperature", "measurement", "iotgw/porch.1/telemetry/room climate"),
            (
                Text(temperature, "unit_of_measurement"),
                Text(temperature, "device_class"),
                Text(temperature, "state_class"),
                Text(temperature, "state_topic")
            )
        );
        Assert.Equal(
            "{% if 'temperature' in value_json %}{{ value_json['temperature'] }}{% endif %}",
            Text(temperature, "value_template")
        );
        Assert.Contains(@"value_json['it\'s']", Text(Named(all, "sensor", "room climate it's"), "value_template"));
        Assert.Contains("value_json['time_']", Text(Named(all, "sensor", "room climate time"), "value_template"));
        Assert.Equal("ON", Text(Named(all, "binary_sensor", "room climate door"), "payload_on"));
        Assert.Equal(
            "hPa",
            Text(all.Values.Single(one => Text(one, "unique_id") == "iotgw/porch.1#a_b#c"), "unit_of_measurement")
        );
        CheckDevice(temperature);
        CheckCommands(all);
    }

    [Fact]
    public async Task What_it_is_told_of_goes_with_a_field_with_the_device_and_follows_its_name()
    {
        await using var gateway = await StartAsync();
        var token = await gateway.AddDeviceAsync("porch");
        await using (await LinkClient.OpenAsync(gateway, token))
            await AnnouncedAsync(4);
        // Other firmware, without "door" and the commands.
        var fewer = new Catalog(
            [new SensorDescription(1, "climate", [new FieldDescription("temperature", "Cel", FieldType.Decimal, -2)])],
            []
        );
        await using var link = await OpenAsync(gateway, token, fewer);
        await AnnouncedAsync(1);
        using var renamed = await gateway.Client.PatchAsync(
            "/api/devices/porch",
            new StringContent("""{"name":"The porch"}""", System.Text.Encoding.UTF8, "application/json")
        );
        Assert.True(renamed.IsSuccessStatusCode);
        await Patience.UntilAsync(
            async () => Text((await ReadAsync()).Single().Value.GetProperty("device"), "name") == "The porch",
            "the name"
        );
        using var removed = await gateway.Client.DeleteAsync("/api/devices/porch");
        await AnnouncedAsync(0);
    }

    [Fact]
    public async Task A_broker_that_forgot_and_a_birth_of_Home_Assistant_are_told_everything_again()
    {
        await using var gateway = await StartAsync();
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("porch"));
        await AnnouncedAsync(4);
        await _mosquitto.KillAsync();
        await _mosquitto.ResumeAsync();
        await AnnouncedAsync(4);

        await using var home = await Party.ConnectAsync(Party.Options(_mosquitto.Url, clientId: ""));
        await home.SubscribeAsync("homeassistant/+/+/+/config");
        await home.ReceivedAsync(4);
        await Patience.UntilAsync(
            async () =>
            {
                // Its subscription may still be on its way.
                await home.PublishAsync("homeassistant/status", "online");
                return home.Messages.Where(message => !message.IsRetained)
                        .Select(message => message.Topic)
                        .Distinct()
                        .Count() == 4;
            },
            "all of it again"
        );
    }

    [Fact]
    public async Task What_went_while_the_broker_was_away_is_taken_back_after_a_restart_of_the_gateway_too()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var gateway = await TestGateway.StartAsync($"--Mqtt:Url={mosquitto.Url}");
        await using (await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("porch")))
            await AnnouncedAsync(4, mosquitto);
        await mosquitto.StopAsync();
        using var removed = await gateway.Client.DeleteAsync("/api/devices/porch");
        Assert.True(removed.IsSuccessStatusCode);
        await gateway.StopAsync();
        await mosquitto.ResumeAsync();
        await AnnouncedAsync(4, mosquitto);
        await gateway.RestartAsync();
        await AnnouncedAsync(0, mosquitto);
    }

    [Fact]
    public async Task Switched_off_it_is_told_nothing()
    {
        await using var gateway = await TestGateway.StartAsync(
            $"--Mqtt:Url={_mosquitto.Url}",
            "--Mqtt:HomeAssistant=false"
        );
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("porch"));
        await using var reader = await Party.ConnectAsync(Party.Options(_mosquitto.Url, clientId: ""));
        await reader.SubscribeAsync("iotgw/porch/status");
        await Patience.UntilAsync(() => reader.Texts.Contains("online"), "the device");
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task The_firmwares_own_commands_and_fields_are_all_announced()
    {
        await using var gateway = await StartAsync();
        var flash = Directory.CreateTempSubdirectory("iotgw-flash-").FullName;
        await using var device = new VirtualDevice.VirtualDevice(
            new VirtualDeviceOptions
            {
                Token = await gateway.AddDeviceAsync("porch"),
                Gateway = new UriBuilder(gateway.Http) { Scheme = "ws", Path = "/v1/link" }.Uri,
                FlashDirectory = flash,
            }
        );
        device.Start();
        var catalogs = gateway.Get<CatalogStore>();
        var devices = gateway.Get<DeviceRegistry>();
        Catalog? found = null;
        await Patience.UntilAsync(
            () => (found = catalogs.Find("porch", devices.Find("porch")?.CatalogHash ?? 0)) is not null,
            "its catalog"
        );
        var catalog = found!; // just waited for
        var all = await AnnouncedAsync(catalog.Commands.Count + catalog.Sensors.Sum(sensor => sensor.Fields.Length));
        foreach (var (topic, payload) in all)
            HomeAssistantSchema.Check(topic, payload);
        var byTopic = all.Where(one => one.Value.TryGetProperty("command_topic", out _))
            .ToDictionary(one => Text(one.Value, "command_topic")!, one => one.Key.Split('/')[1]); // it has one
        Assert.Equal(
            [
                ("identify", "number"),
                ("interval", "number"),
                ("led", "switch"),
                ("log-level", "select"),
                ("read-now", "button"),
                ("reboot", "button"),
            ],
            catalog
                .Commands.Select(command => (command.Name, byTopic[$"iotgw/porch/commands/{command.Name}"]))
                .OrderBy(command => command.Name, StringComparer.Ordinal)
        );
        await device.DisposeAsync();
        Directory.Delete(flash, recursive: true);
    }

    [Fact]
    public void Every_unit_goes_with_its_device_class()
    {
        Assert.NotEmpty(DiscoveryUnits.Known.Keys);
        Assert.All([.. DiscoveryUnits.Known.Keys, "furlong", ""], CheckUnit);
    }

    private static void CheckUnit(string senml)
    {
        var unit = DiscoveryUnits.Of(senml);
        HomeAssistantSchema.CheckUnit(unit.DeviceClass, unit.Unit, unit.StateClass);
    }

    private static void CheckDevice(JsonElement config)
    {
        Assert.Equal(
            ["iotgw/porch.1/status", "iotgw/gateway/status"],
            config.GetProperty("availability").EnumerateArray().Select(one => Text(one, "topic"))
        );
        Assert.Equal("all", Text(config, "availability_mode"));
        var device = config.GetProperty("device");
        Assert.Equal(
            ("porch.1", "test-board", "test 1.0"),
            (Text(device, "name"), Text(device, "model"), Text(device, "sw_version"))
        );
    }

    private static void CheckCommands(IReadOnlyDictionary<string, JsonElement> all)
    {
        var reboot = Named(all, "button", "reboot");
        Assert.Equal(
            ("iotgw/porch.1/commands/reboot", "{}"),
            (Text(reboot, "command_topic"), Text(reboot, "payload_press"))
        );
        var led = Named(all, "switch", "led");
        Assert.Equal(
            ("""{"on":true}""", """{"on":false}""", "iotgw/porch.1/results/+"),
            (Text(led, "payload_on"), Text(led, "payload_off"), Text(led, "state_topic"))
        );
        var interval = Named(all, "number", "interval");
        Assert.Equal("""{"ms":{{ value }}}""", Text(interval, "command_template"));
        Assert.Equal(
            (100.0, 5000.0, 1.0),
            (
                interval.GetProperty("min").GetDouble(),
                interval.GetProperty("max").GetDouble(),
                interval.GetProperty("step").GetDouble()
            )
        );
        var mode = Named(all, "select", "mode");
        Assert.Equal(
            ["eco", "it's \"full\""],
            mode.GetProperty("options").EnumerateArray().Select(one => one.GetString())
        );
        Assert.Equal("""{"to":{{ value | tojson }}}""", Text(mode, "command_template"));
        Assert.Contains("value_json.arguments['to']", Text(mode, "value_template"));
        var speed = Named(all, "select", "speed");
        Assert.Equal(
            ["0", "500", "1000"],
            speed.GetProperty("options").EnumerateArray().Select(one => one.GetString())
        );
        Assert.Equal("""{"rpm":{{ value }}}""", Text(speed, "command_template"));
        Assert.Equal("""{"text":{{ value | tojson }}}""", Text(Named(all, "text", "say"), "command_template"));
        // The text is the message.
        foreach (var name in new[] { "mix", "odd" })
        {
            var json = Named(all, "text", name);
            Assert.Equal($"iotgw/porch.1/commands/{name}", Text(json, "command_topic"));
            Assert.False(json.TryGetProperty("command_template", out _));
        }
    }

    private Task<TestGateway> StartAsync() => TestGateway.StartAsync($"--Mqtt:Url={_mosquitto.Url}");

    private static async Task<LinkClient> OpenAsync(TestGateway gateway, string deviceOrToken, Catalog catalog)
    {
        var token = deviceOrToken.Length > 40 ? deviceOrToken : await gateway.AddDeviceAsync(deviceOrToken);
        var link = await LinkClient.ConnectAsync(gateway, token);
        await link.HelloAsync(House.Hello(1) with { CatalogHash = Catalog.HashOf(House.Bytes(catalog.Write)) });
        await link.SendAsync(catalog.Write);
        return link;
    }

    /// <summary>Waits until the broker retains just so many.</summary>
    private async Task<IReadOnlyDictionary<string, JsonElement>> AnnouncedAsync(
        int count,
        MosquittoServer? mosquitto = null
    )
    {
        IReadOnlyDictionary<string, JsonElement> all = new Dictionary<string, JsonElement>();
        await Patience.UntilAsync(async () => (all = await ReadAsync(mosquitto)).Count == count, $"{count} entities");
        return all;
    }

    /// <summary>What a new subscriber gets: all retained before an answer of its own.</summary>
    private async Task<IReadOnlyDictionary<string, JsonElement>> ReadAsync(MosquittoServer? mosquitto = null)
    {
        await using var reader = await Party.ConnectAsync(Party.Options((mosquitto ?? _mosquitto).Url, clientId: ""));
        await reader.SubscribeAsync("homeassistant/+/+/+/config");
        await reader.PublishAsync("homeassistant/x/end/end/config", "end");
        await Patience.UntilAsync(() => reader.Texts.Contains("end"), "the end");
        return reader
            .Messages.Where(message => message.IsRetained)
            .ToDictionary(message => message.Topic, message => JsonElement.Parse(message.Payload.Span));
    }

    private static JsonElement Named(IReadOnlyDictionary<string, JsonElement> all, string component, string name) =>
        all.Single(one =>
            one.Key.StartsWith($"homeassistant/{component}/", StringComparison.Ordinal)
            && Text(one.Value, "name") == name
        ).Value;

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
