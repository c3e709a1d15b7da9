using System.Diagnostics;
using System.Text.Json;

namespace EndToEnd.Tests;

/// <summary><c>iotgw simulate</c> against a gateway process.</summary>
public sealed class SimulateTests : IDisposable
{
    private readonly string _temp = Directory.CreateTempSubdirectory("iotgw-simulate-test-").FullName;

    [Fact]
    public async Task Every_row_of_a_fleet_is_stored_and_its_devices_are_removed()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var run = await SimulateAsync(gateway, "--devices", "8", "--rate", "30", "--seconds", "3", "--json");
        Assert.True(run.ExitCode == 0, run.Output);

        var end = JsonElement.Parse(run.Output.TrimEnd().Split('\n')[^1]);
        var rows = end.GetProperty("rowsAcknowledged").GetInt64();
        Assert.Equal("complete", end.GetProperty("state").GetString());
        Assert.Equal(8, end.GetProperty("linksOpened").GetInt64());
        Assert.InRange(rows, 8 * 30, 8 * 30 * 5);
        Assert.True(end.GetProperty("cpuCores").GetDouble() > 0);
        Assert.True(end.GetProperty("memoryBytes").GetInt64() > 1 << 20);
        await Eventually.HoldsAsync("all rows are stored", async () => await StoredAsync(gateway) == rows);
        Assert.Empty((await gateway.GetAsync("/api/devices")).EnumerateArray());
    }

    [Fact]
    public async Task Devices_of_a_token_file_run_twice_and_stay()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var tokens = Path.Combine(_temp, "tokens");
        await File.WriteAllLinesAsync(
            tokens,
            [await gateway.AddDeviceAsync("one"), await gateway.AddDeviceAsync("two")]
        );
        string[] arguments = ["--token-file", tokens, "--devices", "2", "--rate", "30", "--seconds", "2"];
        var first = await SimulateAsync(gateway, arguments);
        var second = await SimulateAsync(gateway, arguments);
        Assert.True(first.ExitCode == 0, first.Output);
        Assert.True(second.ExitCode == 0, second.Output);
        Assert.Contains("2/2 connected", second.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await gateway.GetAsync("/api/devices")).GetArrayLength());
    }

    [Fact]
    public async Task Ctrl_C_ends_in_order_with_every_row_acknowledged()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var start = new ProcessStartInfo("dotnet", Arguments(gateway, ["--devices", "3"]))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        Environment(start.Environment);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start");
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        using (var interrupt = Process.Start("/bin/kill", ["-INT", $"{process.Id}"]))
            await interrupt.WaitForExitAsync(TestContext.Current.CancellationToken);
        var rest = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("complete", rest, StringComparison.Ordinal);
        Assert.Equal(0, process.ExitCode);
        Assert.Empty((await gateway.GetAsync("/api/devices")).EnumerateArray());
    }

    [Fact]
    public async Task Without_a_link_it_fails_and_says_what_a_device_saw()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var tokens = Path.Combine(_temp, "tokens");
        await File.WriteAllTextAsync(tokens, "nobody.wrong\n", TestContext.Current.CancellationToken);
        var run = await SimulateAsync(
            gateway,
            "--token-file",
            tokens,
            "--devices",
            "1",
            "--rate",
            "30",
            "--seconds",
            "2"
        );
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("No device got a link", run.Output, StringComparison.Ordinal);
        Assert.Contains("401", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--devices", "0")]
    [InlineData("--rate", "31")]
    [InlineData("--rate", "NaN")]
    [InlineData("--seconds", "-1")]
    public async Task What_no_fleet_can_do_is_refused_by_name_and_value(string option, string value)
    {
        var run = await ProgramRun.StartAsync("dotnet", [GatewayProcess.Dll, "simulate", option, value]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{option} is {value}: allowed are", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    private Task<ProgramRun> SimulateAsync(GatewayProcess gateway, params string[] arguments)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal);
        Environment(environment);
        return ProgramRun.StartAsync(
            "dotnet",
            Arguments(gateway, arguments),
            environment.ToDictionary(pair => pair.Key, pair => pair.Value ?? "", StringComparer.Ordinal)
        );
    }

    private static string[] Arguments(GatewayProcess gateway, string[] arguments) =>
        [GatewayProcess.Dll, "simulate", "--url", gateway.Link.ToString(), "--data", gateway.Folder, .. arguments];

    private void Environment(IDictionary<string, string?> environment) => environment["TMPDIR"] = _temp;

    private static async Task<long> StoredAsync(GatewayProcess gateway)
    {
        var page = await gateway.Api.GetStringAsync("/metrics");
        var line = page.Split('\n')
            .Single(line => line.StartsWith("iotgw_sink_rows{sink=\"history\"}", StringComparison.Ordinal));
        return long.Parse(line[(line.LastIndexOf(' ') + 1)..]);
    }
}
