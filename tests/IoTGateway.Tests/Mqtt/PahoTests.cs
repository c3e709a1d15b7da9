using System.Diagnostics;
using IoTGateway.Bench;
using IoTGateway.Mqtt;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Mqtt;

public sealed class PahoTests(MosquittoFixture mosquitto) : IClassFixture<MosquittoFixture>
{
    private const string Python = "/usr/bin/python3";

    [Theory]
    [InlineData(MqttVersion.V5)]
    [InlineData(MqttVersion.V311)]
    public async Task Paho_hears_every_message_and_is_heard(MqttVersion version)
    {
        ServerProcess.Require("/usr/lib/python3/dist-packages/paho/mqtt/client.py", "python3-paho-mqtt");
        var script = Path.Combine(RepositoryRoot.Path, "tests", "IoTGateway.Tests", "Mqtt", "paho_party.py");
        var port = new Uri(mosquitto.Url).Port;
        using var paho = Process.Start(
            new ProcessStartInfo(Python, ["-B", script, $"{port}", $"{(int)version}"])
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
            await using var party = await Party.ConnectAsync(Party.Options(mosquitto.Url, version, $"us{version}"));
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
}
