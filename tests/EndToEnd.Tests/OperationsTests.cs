using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary>What whoever runs a gateway meets on the command line.</summary>
public sealed class OperationsTests
{
    [Fact]
    public async Task Doctor_prints_each_step_and_its_exit_code_says_whether_one_is_bad()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using var streamer = new Streamer(gateway, token, seed: 1);
        streamer.Start();
        await streamer.UntilAcknowledgedAsync(1);

        var good = await RunAsync("doctor", "--device", "roof", "--token", token, "--data", gateway.Folder);
        Assert.True(good.ExitCode == 0, good.Output);
        foreach (var step in new[] { "name", "tcp", "tls", "clock", "handshake", "upgrade", "storing", "device" })
            Assert.Matches($"(?m)^ok +{step} ", good.Output);

        var link = new UriBuilder(gateway.Link) { Path = "/" }.Uri.ToString();
        var wrong = await RunAsync("doctor", link, "--token", "roof.wrong", "--data", gateway.Folder);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Matches("(?m)^BAD +handshake ", wrong.Output);
        Assert.Contains("→ The token is wrong", wrong.Output, StringComparison.Ordinal);

        var json = await RunAsync("doctor", link, "--json", "--data", gateway.Folder);
        var steps = JsonElement.Parse(json.Output).EnumerateArray().ToArray();
        Assert.Contains(steps, step => step.GetProperty("step").GetString() == "tls");
        Assert.All(steps, step => Assert.NotEqual("bad", step.GetProperty("verdict").GetString()));
    }

    [Fact]
    public async Task Doctor_reads_settings_as_the_gateway_that_does_not_start_would()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var folder = Directory.CreateTempSubdirectory("iotgw-e2e-").FullName;
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, "appsettings.json"),
                JsonSerializer.Serialize(new { Listen = new { Http = gateway.HttpPort, Https = 1 } })
            );
            var other = ServerProcess.FreePort();
            var ports = await LookAsync($"{other}");
            Assert.Matches($"(?m)^BAD +port +{gateway.HttpPort} \\(Listen:Http\\) is in use", ports.Output);
            Assert.Contains($"{other} (Listen:Https)", ports.Output, StringComparison.Ordinal);

            var wrong = await LookAsync("70000");
            Assert.Equal(1, wrong.ExitCode);
            Assert.Matches("(?m)^BAD +settings +Listen:Https is 70000: allowed is -1 to 65535", wrong.Output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Task<ProgramRun> LookAsync(string https) =>
            ProgramRun.StartAsync(
                "dotnet",
                [GatewayProcess.Dll, "doctor", "--data", folder],
                new Dictionary<string, string> { ["Listen__Https"] = https },
                folder
            );
    }

    [Fact]
    public async Task A_start_on_a_port_in_use_says_so_and_what_to_do()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var folder = Directory.CreateTempSubdirectory("iotgw-e2e-");
        try
        {
            var second = await RunAsync(
                "serve",
                $"--Data:Path={folder.FullName}",
                "--Listen:Https=0",
                $"--Listen:Http={gateway.Api.BaseAddress!.Port}" // made with one
            );
            Assert.Equal(1, second.ExitCode);
            Assert.Contains(
                "Another program has the port: end it, or choose others",
                second.Output,
                StringComparison.Ordinal
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Logs_are_JSON_where_the_setting_asks_for_it()
    {
        var folder = Directory.CreateTempSubdirectory("iotgw-e2e-");
        var start = new ProcessStartInfo(
            "dotnet",
            [
                GatewayProcess.Dll,
                "serve",
                $"--Data:Path={folder.FullName}",
                "--Listen:Https=0",
                $"--Listen:Http={ServerProcess.FreePort()}",
                "--Logging:Console:FormatterName=json",
            ]
        )
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var line = await process.StandardError.ReadLineAsync(limit.Token);
            var entry = JsonElement.Parse(line ?? "nothing");
            Assert.Equal(1000, entry.GetProperty("EventId").GetInt32());
            Assert.Equal("IoTGateway.Journal.TelemetryJournal", entry.GetProperty("Category").GetString());
            Assert.Equal(0, entry.GetProperty("State").GetProperty("Records").GetInt64());
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_service_manager_is_told_when_devices_can_connect_and_when_the_end_begins()
    {
        var folder = Directory.CreateTempSubdirectory("iotgw-e2e-");
        var path = Path.Combine(folder.FullName, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        var port = ServerProcess.FreePort();
        var ready = new Uri($"http://127.0.0.1:{port}/readyz");
        string[] serve = [GatewayProcess.Dll, "serve", $"--Data:Path={folder.FullName}", "--Listen:Https=0"];
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path };
        await using (
            var gateway = await ServerProcess.StartAsync(
                "dotnet",
                [.. serve, $"--Listen:Http={port}"],
                ready,
                environment
            )
        )
        {
            Assert.Equal("READY=1", await HearAsync(manager));
            var asked = await RunAsync("ready", "--gateway", $"http://127.0.0.1:{port}");
            Assert.Equal((0, "ready\n"), (asked.ExitCode, asked.Output));
            await gateway.TerminateAsync();
            Assert.Equal("STOPPING=1", await HearAsync(manager));
        }
        Assert.Equal(1, (await RunAsync("ready", "--gateway", $"http://127.0.0.1:{port}")).ExitCode);
        folder.Delete(recursive: true);
    }

    private static async Task<string> HearAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[64];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }

    private static Task<ProgramRun> RunAsync(params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", [GatewayProcess.Dll, .. arguments]);
}
