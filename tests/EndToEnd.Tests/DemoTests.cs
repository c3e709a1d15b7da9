using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary>The README's first minute: the demo, and the verbs beside it.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly string _temp = Directory.CreateTempSubdirectory("iotgw-demo-test-").FullName;
    private readonly int _http = ServerProcess.FreePort();

    [Fact]
    public async Task Three_devices_stream_values_that_can_be_read_and_run_a_command()
    {
        string[] demo = [GatewayProcess.Dll, "demo", $"--Listen:Http={_http}", "--Listen:Https=-1"];
        await using var process = await ServerProcess.StartAsync(
            "dotnet",
            demo,
            new Uri($"http://127.0.0.1:{_http}/readyz"),
            Environment()
        );

        var watch = await IotgwAsync("watch", "--rows", "5");
        Assert.True(watch.ExitCode == 0, watch.Output);
        Assert.Contains("temperature=", watch.Output, StringComparison.Ordinal);

        var list = await IotgwAsync("device", "list");
        Assert.Equal(3, list.Output.Split("online").Length - 1);

        var sent = await IotgwAsync("send", "greenhouse", "led", """{"on":true}""", "--ttl", "30", "--wait", "10");
        Assert.True(sent.ExitCode == 0, sent.Output);
        Assert.Contains("""{"on":true}""", sent.Output, StringComparison.Ordinal);

        var refused = await IotgwAsync("send", "greenhouse", "led", """{"on":7}""", "--wait", "10");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("refused", refused.Output, StringComparison.Ordinal);

        await process.TerminateAsync();
        Assert.Empty(Directory.EnumerateDirectories(_temp, "iotgw-demo-*"));
    }

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    private Task<ProgramRun> IotgwAsync(params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", [GatewayProcess.Dll, .. arguments], Environment());

    private Dictionary<string, string> Environment() =>
        new(StringComparer.Ordinal)
        {
            ["TMPDIR"] = _temp,
            ["HOME"] = _temp,
            ["XDG_DATA_HOME"] = _temp,
        };
}
