using System.Diagnostics;
using System.Text.Json;
using IoTGateway.Bench;
using IoTGateway.Mqtt;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Mqtt;

/// <summary>Others on the same broker: the clients that users have, and the whole gateway.</summary>
public abstract partial class BrokerContract
{
    private const string Python = "/usr/bin/python3";

    /// <summary>A name as the gateway writes it in topics of this broker.</summary>
    private protected virtual string InTopics(string name) => name;

    private protected static string Escaped(string name) =>
        name.Replace(".", "%2E", StringComparison.Ordinal).Replace(" ", "%20", StringComparison.Ordinal);

    [Fact]
    public async Task Paho_hears_every_message_and_is_heard()
    {
        ServerProcess.Require("/usr/lib/python3/dist-packages/paho/mqtt/client.py", "python3-paho-mqtt");
        var script = Path.Combine(RepositoryRoot.Path, "tests", "IoTGateway.Tests", "Mqtt", "paho_party.py");
        using var paho = Process.Start(
            new ProcessStartInfo(Python, ["-B", script, $"{new Uri(Url).Port}", $"{(int)Spoken}"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        );
        Assert.NotNull(paho);
        try
        {
            Assert.Equal("ready", await paho.StandardOutput.ReadLineAsync(Patience.Token()));
            await using var party = await Party.ConnectAsync(Options("us"));
            await party.SubscribeAsync("from/paho");
            for (var n = 0; n < 50; n++)
                Assert.True((await party.PublishAsync("to/paho", $"{n}")).IsGood);
            await party.ReceivedAsync(50);
            Assert.Equal(Enumerable.Range(0, 50).Select(n => $"{n}"), party.Texts);
        }
        finally
        {
            paho.StandardInput.Close();
            if (!paho.WaitForExit(5000))
                paho.Kill();
        }
    }

    [Fact]
    public async Task Mosquittos_own_clients_understand_and_are_understood()
    {
        ServerProcess.Require("/usr/bin/mosquitto_pub", "mosquitto-clients");
        var (toUs, toThem) = (Fresh("us"), Fresh("them"));
        string[] common = ["-p", $"{new Uri(Url).Port}", "-V", Spoken == MqttVersion.V5 ? "5" : "311", "-q", "1"];
        await using var party = await Party.ConnectAsync(Options("mine"));
        Assert.True((await party.SubscribeAsync(toUs)).IsGood);
        await MosquittoTests.RunAsync("/usr/bin/mosquitto_pub", [.. common, "-t", toUs, "-m", "grüße"]);
        await party.ReceivedAsync(1);
        Assert.Equal("grüße", party.Texts.First());
        Assert.True((await party.PublishAsync(toThem, "back", retain: true)).IsGood);
        var said = await MosquittoTests.RunAsync(
            "/usr/bin/mosquitto_sub",
            [.. common, "-t", toThem, "-C", "1", "-W", "20", "-F", "%t %r %p"]
        );
        Assert.Equal($"{toThem} 1 back\n", said);
    }

    [Fact]
    public async Task A_gateway_on_it_tells_rows_and_status_and_takes_a_command_whose_result_comes_back()
    {
        var prefix = Fresh("house");
        await using var gateway = await TestGateway.StartAsync(
            $"--Mqtt:Url={Url}",
            $"--Mqtt:Prefix={prefix}",
            "--Mqtt:HomeAssistant=false"
        );
        await using var party = await Party.ConnectAsync(Options("watcher"));
        Assert.True((await party.SubscribeAsync($"{prefix}/#")).IsGood);
        // Names with what not every broker takes.
        var catalog = new Catalog(
            [new SensorDescription(1, "room climate", House.Catalog.Sensors[0].Fields)],
            [.. House.Catalog.Commands]
        );
        await using var device = await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("roof.1"));
        await device.HelloAsync(House.Hello(1) with { CatalogHash = Catalog.HashOf(House.Bytes(catalog.Write)) });
        await device.SendAsync(catalog.Write);
        var name = $"{prefix}/{InTopics("roof.1")}";
        await SaysAsync(party, $"{name}/status", text => text == "online");
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5));
        await device.AcknowledgedAsync(1, 1);
        await SaysAsync(party, $"{name}/telemetry/{InTopics("room climate")}", IsTheRow);

        // Its subscription may still be on its way: the same id is the same command.
        Command command = default;
        var receiving = ReceiveAsync();
        await Patience.UntilAsync(
            async () =>
            {
                await party.PublishAsync($"{name}/commands/light", """{"id":"once","on":true}""");
                return receiving.IsCompleted;
            },
            "the command at the device"
        );
        await receiving;
        Assert.Equal(("light", """{"on":true}"""), (command.Name, command.Json));
        await device.SendAsync(new CommandResult(command.Id, CommandOutcome.Succeeded, "").Write);
        await SaysAsync(
            party,
            $"{name}/results/{command.Id}",
            text => JsonElement.Parse(text).GetProperty("status").ValueEquals("succeeded")
        );

        static bool IsTheRow(string text)
        {
            var row = JsonElement.Parse(text);
            return row.GetProperty("time").GetInt64() == House.Noon
                && row.GetProperty("temperature").GetDouble() == 20.5
                && !row.GetProperty("door").GetBoolean();
        }

        async Task ReceiveAsync() =>
            Assert.True(Command.TryRead(await device.ReceiveAsync(), out command, out var error), error.ToString());
    }

    private static Task SaysAsync(Party party, string topic, Func<string, bool> isIt) =>
        Patience.UntilAsync(
            () => party.Messages.Any(message => message.Topic == topic && isIt(Party.TextOf(message))),
            topic
        );
}
