using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests.Stack;

/// <summary>The first-start script, and the broker that its secrets open.</summary>
public sealed class FirstStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-stack-").FullName;

    public FirstStartTests()
    {
        Directory.CreateDirectory(In("deploy"));
        File.Copy(StackFiles.In("deploy/first-start"), In("deploy/first-start"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_makes_every_secret_that_compose_asks_for_new_each_time_and_for_its_owner_only()
    {
        var first = await MakeAsync();
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In(".env")));
        var compose = await File.ReadAllTextAsync(StackFiles.In("docker-compose.yml"));
        foreach (var name in first.Keys.Where(name => name != "COMPOSE_PROFILES"))
            Assert.True(compose.Contains(name, StringComparison.Ordinal), $"{name} is made for nothing");
        foreach (var asked in compose.Split("${").Skip(1).Select(rest => rest[..rest.IndexOf('}')]))
        {
            if (asked.Contains(":?", StringComparison.Ordinal))
                Assert.NotEqual("", first[asked[..asked.IndexOf(':')]]);
        }
        File.Delete(In(".env"));
        var second = await MakeAsync();
        foreach (
            var name in new[]
            {
                "IOTGW_ADMIN_KEY",
                "INFLUX_TOKEN",
                "INFLUX_PASSWORD",
                "MQTT_PASSWORD",
                "GRAFANA_PASSWORD",
            }
        )
        {
            // 256 bits.
            Assert.Matches("^[A-Za-z0-9_-]{43}$", first[name]);
            Assert.NotEqual(first[name], second[name]);
        }
        Assert.Equal(5, first.Values.Count(value => value.Length == 43));
    }

    [Fact]
    public async Task It_changes_nothing_where_secrets_are_there_already()
    {
        await MakeAsync();
        var before = await File.ReadAllTextAsync(In(".env"));
        var again = await RunAsync();
        Assert.Equal(1, again.ExitCode);
        Assert.Contains(".env is there already", again.Output, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(In(".env")));
    }

    [Fact]
    public async Task Its_words_choose_the_database_the_demo_and_the_names_of_the_certificate()
    {
        var made = await MakeAsync("--influx3", "--demo", "gateway.example", "192.0.2.7");
        Assert.Equal("influx3,demo", made["COMPOSE_PROFILES"]);
        Assert.Equal("http://influxdb3:8181", made["INFLUX_URL"]);
        Assert.StartsWith("apiv3_", made["INFLUX_TOKEN"], StringComparison.Ordinal);
        Assert.Contains(made["INFLUX_TOKEN"], made["INFLUX3_TOKEN_FILE"], StringComparison.Ordinal);
        Assert.EndsWith(",gateway.example,192.0.2.7", made["IOTGW_NAMES"], StringComparison.Ordinal);
        File.Delete(In(".env"));
        Assert.Equal(1, (await RunAsync("--typo")).ExitCode);
        Assert.Equal(1, (await RunAsync("$(id)")).ExitCode);
        Assert.False(File.Exists(In(".env")));
    }

    [Fact]
    public async Task The_pages_line_makes_of_it_what_InfluxDB_3_needs_and_leaves_the_rest()
    {
        var before = await MakeAsync("--demo");
        var page = await File.ReadAllLinesAsync(StackFiles.In("gateway/README.md"));
        var line = Assert.Single(page, line => line.StartsWith("sed -i ", StringComparison.Ordinal));
        var run = await ProgramRun.StartAsync("/bin/sh", ["-c", line], folder: _folder);
        Assert.True(run.ExitCode == 0, run.Output);
        var token = $"apiv3_{before["INFLUX_TOKEN"]}";
        Assert.Equal(
            new Dictionary<string, string>(before)
            {
                ["COMPOSE_PROFILES"] = "influx3,demo",
                ["INFLUX_URL"] = "http://influxdb3:8181",
                ["INFLUX_TOKEN"] = token,
                ["INFLUX3_TOKEN_FILE"] = $$"""'{"token":"{{token}}","name":"_admin"}'""",
            },
            await ReadAsync()
        );
    }

    [Fact]
    public async Task Git_does_not_track_the_secrets()
    {
        var run = await ProgramRun.StartAsync("git", ["-C", StackFiles.In("."), "check-ignore", ".env"]);
        Assert.True(run.ExitCode == 0, run.Output);
    }

    [Fact]
    public async Task Mosquitto_takes_its_configuration_and_lets_in_that_one_user_and_no_other()
    {
        ServerProcess.Require("/usr/sbin/mosquitto", "mosquitto");
        ServerProcess.Require("/usr/bin/mosquitto_pub", "mosquitto-clients");
        var made = await MakeAsync();
        var port = ServerProcess.FreePort();
        var config = (await File.ReadAllTextAsync(StackFiles.In("deploy/mosquitto/mosquitto.conf")))
            .Replace("listener 1883", $"listener {port} 127.0.0.1", StringComparison.Ordinal)
            .Replace("/tmp/passwd", In("passwd"), StringComparison.Ordinal)
            .Replace("/mosquitto/data/", $"{_folder}/", StringComparison.Ordinal);
        // Run as root, mosquitto would become another user, who may not read this folder; in the container it is its own.
        await File.WriteAllTextAsync(In("mosquitto.conf"), config + $"\nuser {Environment.UserName}\n");
        var environment = new Dictionary<string, string>
        {
            ["CONFIG"] = In("mosquitto.conf"),
            ["PASSWD"] = In("passwd"),
            ["MQTT_USER"] = "iotgw",
            ["MQTT_PASSWORD"] = made["MQTT_PASSWORD"],
            ["PATH"] = $"/usr/sbin:{Environment.GetEnvironmentVariable("PATH")}",
        };
        await using var broker = await ServerProcess.StartAsync(
            "/bin/sh",
            [StackFiles.In("deploy/mosquitto/start")],
            new Uri($"tcp://127.0.0.1:{port}"),
            environment
        );
        Assert.Equal(0, await PublishAsync(port, "-u", "iotgw", "-P", made["MQTT_PASSWORD"]));
        Assert.NotEqual(0, await PublishAsync(port, "-u", "iotgw", "-P", "wrong"));
        Assert.NotEqual(0, await PublishAsync(port));
        Assert.DoesNotContain(
            made["MQTT_PASSWORD"],
            await File.ReadAllTextAsync(In("passwd")),
            StringComparison.Ordinal
        );
    }

    private string In(string path) => Path.Combine(_folder, path);

    private static async Task<int> PublishAsync(int port, params string[] credentials) =>
        (
            await ProgramRun.StartAsync(
                "/usr/bin/mosquitto_pub",
                ["-h", "127.0.0.1", "-p", $"{port}", "-t", "iotgw/test", "-m", "1", "-q", "1", .. credentials]
            )
        ).ExitCode;

    private async Task<Dictionary<string, string>> MakeAsync(params string[] words)
    {
        var run = await RunAsync(words);
        Assert.True(run.ExitCode == 0, run.Output);
        return await ReadAsync();
    }

    private async Task<Dictionary<string, string>> ReadAsync() =>
        (await File.ReadAllLinesAsync(In(".env"))).ToDictionary(
            line => line[..line.IndexOf('=')],
            line => line[(line.IndexOf('=') + 1)..]
        );

    private Task<ProgramRun> RunAsync(params string[] words) =>
        ProgramRun.StartAsync("/bin/sh", [In("deploy/first-start"), .. words]);
}
