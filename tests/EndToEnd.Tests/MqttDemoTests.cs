using IoTGateway.Tests;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary><c>tests/mqtt-demo.sh</c>, as a person runs it, with a short outage.</summary>
public sealed class MqttDemoTests : IDisposable
{
    private readonly string _temp = Directory.CreateTempSubdirectory("iotgw-mqtt-demo-test-").FullName;

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    [Fact]
    public async Task Telemetry_a_led_and_its_result_come_out_at_the_broker_and_an_outage_loses_nothing()
    {
        ServerProcess.Require("/usr/sbin/mosquitto", "mosquitto");
        ServerProcess.Require("/usr/bin/mosquitto_sub", "mosquitto-clients");
        var run = await ProgramRun.StartAsync(
            "/bin/bash",
            [Path.Combine(RepositoryRoot.Path, "tests", "mqtt-demo.sh"), "3"],
            new Dictionary<string, string> { ["IOTGW_DLL"] = GatewayProcess.Dll, ["TMPDIR"] = _temp }
        );
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Matches("iotgw/porch/telemetry/[a-z]+ \\{\"time\":\\d{13},", run.Output);
        Assert.Contains("iotgw/porch/status online", run.Output, StringComparison.Ordinal);
        foreach (var on in new[] { "true", "false" })
            Assert.Matches(
                $$"""iotgw/porch/results/\S+ .*"arguments":\{"on":{{on}}\},"status":"succeeded" """.TrimEnd(),
                run.Output
            );
        Assert.Matches("[1-9][0-9]* rows of the outage came out at the broker, 0 missing", run.Output);
        // Nothing is left behind.
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp));
    }
}
