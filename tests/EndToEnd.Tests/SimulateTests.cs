using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EndToEnd.Tests;

/// <summary><c>iotgw simulate</c> against a gateway process.</summary>
public sealed partial class SimulateTests : IDisposable
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
        Assert.InRange(rows, 8 * 30, MostRows(end, 8 * 30));
        Assert.True(end.GetProperty("cpuCores").GetDouble() > 0);
        Assert.True(end.GetProperty("memoryBytes").GetInt64() > 1 << 20);
        await Eventually.HoldsAsync("all rows are stored", async () => await StoredAsync(gateway) == rows);
        Assert.Empty((await gateway.GetAsync("/api/devices")).EnumerateArray());
    }

    /// <summary>
    /// IOTGW_SIMULATE_SECONDS=60 makes it the full minute:
    /// <c>IOTGW_SIMULATE_SECONDS=60 dotnet test tests/EndToEnd.Tests --filter Two_hundred --logger "console;verbosity=detailed"</c>
    /// </summary>
    [Fact]
    public async Task Two_hundred_devices_at_a_row_a_second_are_stored_to_the_last_row()
    {
        var seconds = int.TryParse(System.Environment.GetEnvironmentVariable("IOTGW_SIMULATE_SECONDS"), out var given)
            ? given
            : 10;
        await using var gateway = await GatewayProcess.StartAsync();
        var run = await SimulateAsync(gateway, "--devices", "200", "--rate", "1", "--seconds", $"{seconds}", "--json");
        Assert.True(run.ExitCode == 0, run.Output);

        var end = JsonElement.Parse(run.Output.TrimEnd().Split('\n')[^1]);
        TestContext.Current.TestOutputHelper?.WriteLine(end.ToString());
        var rows = end.GetProperty("rowsSampled").GetInt64();
        Assert.Equal(200, end.GetProperty("linksOpened").GetInt64());
        Assert.InRange(rows, 200 * seconds * 2 / 3, MostRows(end, 200) + 600);
        Assert.Equal(rows, end.GetProperty("rowsAcknowledged").GetInt64());
        Assert.True(end.GetProperty("cpuCores").GetDouble() > 0);
        Assert.True(end.GetProperty("memoryBytes").GetInt64() > 1 << 20);
        await Eventually.HoldsAsync("all rows are stored", async () => await StoredAsync(gateway) == rows);
    }

    [Theory]
    [InlineData("long-polling")]
    [InlineData("polling", "--poll-seconds", "1")]
    public async Task A_fleet_by_HTTP_requests_is_stored_to_the_last_row(string transport, params string[] more)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        string[] arguments = ["--devices", "8", "--rate", "30", "--seconds", "3", "--json", "--transport", transport];
        var run = await SimulateAsync(gateway, [.. arguments, .. more]);
        Assert.True(run.ExitCode == 0, run.Output);

        var end = JsonElement.Parse(run.Output.TrimEnd().Split('\n')[^1]);
        var rows = end.GetProperty("rowsAcknowledged").GetInt64();
        Assert.Equal("complete", end.GetProperty("state").GetString());
        Assert.Equal(8, end.GetProperty("linksOpened").GetInt64());
        Assert.InRange(rows, 8 * 30, MostRows(end, 8 * 30));
        await Eventually.HoldsAsync("all rows are stored", async () => await StoredAsync(gateway) == rows);
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
        // A shell's background job, as these tests may be one, and what it starts do not hear Ctrl+C unless told to.
        string[] hearing = ["--default-signal=INT", "dotnet", .. Arguments(gateway, ["--devices", "3"])];
        var start = new ProcessStartInfo("/usr/bin/env", hearing)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        Environment(start.Environment);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start");
        // Before its first rows a fleet has nothing to acknowledge, and says that nothing came of it.
        while (
            !Sample().IsMatch(await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? "")
        )
            Assert.False(process.HasExited);
        using (var interrupt = Process.Start("/bin/kill", ["-INT", $"{process.Id}"]))
            await interrupt.WaitForExitAsync(TestContext.Current.CancellationToken);
        var rest = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("  complete", rest.TrimEnd(), StringComparison.Ordinal);
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
    [InlineData("--transport", "pigeon")]
    [InlineData("--poll-seconds", "0.5")]
    public async Task What_no_fleet_can_do_is_refused_by_name_and_value(string option, string value)
    {
        var run = await ProgramRun.StartAsync("dotnet", [GatewayProcess.Dll, "simulate", option, value]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{option} is {value}: allowed are", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    [GeneratedRegex("3/3 connected  rows: [1-9]", RegexOptions.NonBacktracking)]
    private static partial Regex Sample();

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

    private static Task<double> StoredAsync(GatewayProcess gateway) =>
        gateway.CountAsync("iotgw_sink_rows{sink=\"history\"}");

    /// <summary>At so many a second, for as long as it ran: links that open late do not count as the run.</summary>
    private static long MostRows(JsonElement end, int rate) =>
        (long)(rate * (end.GetProperty("seconds").GetDouble() + 1));
}
