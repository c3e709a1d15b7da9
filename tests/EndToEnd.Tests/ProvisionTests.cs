using System.Text;
using System.Text.Json;
using IoTGateway.VirtualDevice;

namespace EndToEnd.Tests;

/// <summary><c>iotgw provision</c> against a gateway process, with a nanoff that only writes down what it was called with.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ProvisionTests : IDisposable
{
    private const string Password = "correct horse \"battery\"+ü";
    private readonly string _temp = Directory.CreateTempSubdirectory("iotgw-provision-test-").FullName;

    private string Out => Path.Combine(_temp, "out");

    [Fact]
    public async Task The_files_are_what_nanoff_and_the_firmware_read_and_no_secret_is_printed()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var run = await ProvisionAsync(gateway);
        Assert.True(run.ExitCode == 0, run.Output);

        var pem = await File.ReadAllTextAsync(gateway.CaPath, TestContext.Current.CancellationToken);
        var config = Read("config.json");
        var token = config.GetProperty("token").GetString()!;
        Assert.StartsWith("board.", token, StringComparison.Ordinal);
        var epoch = Epoch();
        // Seconds since 2020, of these last minutes: above what any board began with before.
        Assert.InRange(VirtualDeviceOptions.EpochOf(TimeProvider.System.GetUtcNow()) - epoch, 0u, 120u);
        Assert.Equal($$"""{"gateway":"{{gateway.Link}}","token":"{{token}}","epoch":{{epoch}}}""", Text("config.json"));
        Assert.Equal(Encoding.UTF8.GetBytes(pem), Bytes("ca.pem"));
        foreach (var json in new[] { "config.json", "net.json", "files.json" })
            Assert.Equal((byte)'{', Bytes(json)[0]);
        var base64 = Convert.ToBase64String([.. Encoding.UTF8.GetBytes(pem), 0]);
        Assert.Equal(
            """{"SerialPort":"","WirelessClient":{"Ssid":"Our House","Password":"correct horse \"battery\"+ü","Authentication":"WPA2","Encryption":"WPA2","ConfigurationOption":"AutoConnect","DhcpEnabled":true,"AutomaticDNS":true},"CACertificates":"BASE64"}""",
            Text("net.json").Replace(base64, "BASE64", StringComparison.Ordinal)
        );
        Assert.Equal(
            $$"""{"SerialPort":"","Files":[{"DestinationFilePath":"I:\\config.json","SourceFilePath":"{{Out}}/config.json"},{"DestinationFilePath":"I:\\ca.pem","SourceFilePath":"{{Out}}/ca.pem"}]}""",
            Text("files.json")
        );
        foreach (var file in Directory.EnumerateFiles(Out))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.DoesNotContain(token, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("battery", run.Output, StringComparison.Ordinal);
        string[] commands =
        [
            "nanoff --target ESP32_REV3 --serialport PORT --masserase --update --fwversion VERSION",
            "nanoff --nanodevice --deploy --serialport PORT --image IoTGateway.Device.bin",
            $"nanoff --networkdeployment {Out}/net.json --serialport PORT",
            $"nanoff --filedeployment {Out}/files.json --serialport PORT",
        ];
        Assert.Equal(
            commands,
            run.Output.Split('\n')
                .Select(line => line.Trim())
                .Where(line => line.StartsWith("nanoff", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task The_transport_is_written_where_one_is_given()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var run = await ProvisionAsync(gateway, "--transport", "polling", "--poll-seconds", "60");
        Assert.True(run.ExitCode == 0, run.Output);

        Assert.EndsWith(
            ""","transport":"polling","pollIntervalMs":60000}""",
            Text("config.json"),
            StringComparison.Ordinal
        );
        var refused = await ProvisionAsync(gateway, "--transport", "pigeon");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--transport is pigeon: allowed are auto, websocket", refused.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("esp32-s3-devkitc-1", "--target", "ESP32_S3_QUAD")]
    [InlineData("esp32-c3-devkitm-1", "--target", "ESP32_C3")]
    [InlineData("esp32-devkitc", "--board", "esp32-devkitc")]
    public async Task The_board_whose_pins_the_firmware_uses_is_written_by_its_chip_or_by_its_name(
        string board,
        params string[] given
    )
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var run = await ProvisionAsync(gateway, given);
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Equal(board, Read("config.json").GetProperty("board").GetString());
    }

    [Fact]
    public async Task A_board_that_the_firmware_does_not_know_is_refused()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var refused = await ProvisionAsync(gateway, "--board", "esp32");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--board is esp32: allowed are esp32-c3-devkitm-1,", refused.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public async Task A_device_that_exists_gets_a_new_token_only_when_asked()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var old = await gateway.AddDeviceAsync("board");
        var refused = await ProvisionAsync(gateway);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--rotate", refused.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));

        var rotated = await ProvisionAsync(gateway, "--rotate");
        Assert.True(rotated.ExitCode == 0, rotated.Output);
        var token = Read("config.json").GetProperty("token").GetString();
        Assert.NotEqual(old, token);

        var again = await ProvisionAsync(gateway);
        Assert.True(again.ExitCode == 0, again.Output);
        Assert.Equal(token, Read("config.json").GetProperty("token").GetString());
    }

    [Theory]
    [InlineData(2000, "nanoff ended with 2000: nanoff cannot connect")]
    [InlineData(2002, "nanoff ended with 2002: The board did not take its configuration")]
    [InlineData(2003, "nanoff ended with 2003: The board did not take a file")]
    [InlineData(4000, "nanoff ended with 4000: The ESP32's loader")]
    [InlineData(4003, "nanoff ended with 4003: The flash could not be written")]
    [InlineData(4005, "dialout")]
    [InlineData(6000, "dialout")]
    [InlineData(9000, "too old")]
    [InlineData(9008, "--image")]
    [InlineData(9010, "No board was found")]
    [InlineData(77, "none of the codes known here")]
    public async Task What_nanoff_could_not_do_is_explained_and_the_next_run_goes_on_there(int exitCode, string text)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        Nanoff($"case \"$*\" in *--networkdeployment*) exit {exitCode};; esac");
        var failed = await FlashAsync(gateway);
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains(text, failed.Output, StringComparison.Ordinal);
        Assert.Contains("goes on with step 3", failed.Output, StringComparison.Ordinal);
        Assert.Equal(["--target", "--nanodevice", "--networkdeployment"], FirstWords());

        Nanoff("");
        var resumed = await FlashAsync(gateway);
        Assert.True(resumed.ExitCode == 0, resumed.Output);
        Assert.Equal(["--networkdeployment", "--filedeployment"], FirstWords());

        var done = await FlashAsync(gateway);
        Assert.Equal(0, done.ExitCode);
        Assert.Contains("All steps are done", done.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_that_is_erased_anew_gets_epochs_of_its_own_and_one_whose_provisioning_goes_on_keeps_them()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        Nanoff("case \"$*\" in *--nanodevice*) exit 77;; esac");
        Assert.Equal(1, (await FlashAsync(gateway)).ExitCode);
        var first = Epoch();
        Nanoff("");
        Assert.Equal(0, (await FlashAsync(gateway)).ExitCode);
        Assert.Equal(first, Epoch());
        Assert.Equal(0, (await FlashAsync(gateway, "--rotate")).ExitCode);
        Assert.Equal(first, Epoch());

        File.Delete(Path.Combine(Out, "state.json"));
        Assert.Equal(0, (await FlashAsync(gateway)).ExitCode);
        Assert.Equal(4, FirstWords().Length);
        Assert.True(Epoch() > first, $"{Epoch()} after {first}");
    }

    [Fact]
    public async Task A_file_that_the_board_refused_is_a_failure_although_nanoff_ends_with_0()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        Nanoff("case \"$*\" in *--filedeployment*) echo 'Error deploying content file x to I:\\config.json';; esac");
        var run = await FlashAsync(gateway);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("although nanoff ended with 0", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_token_brings_only_the_files_again_and_nanoff_never_sees_a_secret()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        Nanoff("");
        Assert.Equal(0, (await FlashAsync(gateway)).ExitCode);
        Assert.Equal(4, FirstWords().Length);
        var rotated = await FlashAsync(gateway, "--rotate");
        Assert.True(rotated.ExitCode == 0, rotated.Output);
        Assert.Equal("--filedeployment", Assert.Single(FirstWords()));
        Assert.Equal("/dev/ttyUSB7", Read("net.json").GetProperty("SerialPort").GetString());
    }

    [Fact]
    public async Task What_is_missing_is_said_before_anything_happens()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var withoutPassword = await RunAsync(gateway, password: "");
        Assert.Equal(1, withoutPassword.ExitCode);
        Assert.Contains("--password-file", withoutPassword.Output, StringComparison.Ordinal);
        var withoutImage = await ProvisionAsync(gateway, "--flash", "/dev/ttyUSB7");
        Assert.Equal(1, withoutImage.ExitCode);
        Assert.Contains("--fwversion and --image", withoutImage.Output, StringComparison.Ordinal);
        var withoutNanoff = await ProvisionAsync(gateway, "--flash", "/dev/ttyUSB7", "--keep-firmware");
        Assert.Equal(1, withoutNanoff.ExitCode);
        Assert.Contains("dotnet tool install -g nanoff", withoutNanoff.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    private Task<ProgramRun> ProvisionAsync(GatewayProcess gateway, params string[] arguments) =>
        RunAsync(gateway, Password, arguments);

    private async Task<ProgramRun> FlashAsync(GatewayProcess gateway, params string[] arguments)
    {
        File.Delete(Path.Combine(_temp, "calls"));
        var image = Path.Combine(_temp, "App.bin");
        await File.WriteAllTextAsync(image, "application");
        return await ProvisionAsync(
            gateway,
            ["--flash", "/dev/ttyUSB7", "--fwversion", "1.2.3", "--image", image, .. arguments]
        );
    }

    private Task<ProgramRun> RunAsync(GatewayProcess gateway, string password, params string[] arguments) =>
        ProgramRun.StartAsync(
            "dotnet",
            [
                GatewayProcess.Dll,
                "provision",
                "board",
                "--wifi",
                "Our House",
                "--gateway",
                gateway.Link.ToString(),
                "--data",
                gateway.Folder,
                "--out",
                Out,
                .. arguments,
            ],
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PATH"] = $"{_temp}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}",
                ["IOTGW_WIFI_PASSWORD"] = password,
            }
        );

    /// <summary>Exit codes above 255 lose their upper bits on the way, as nanoff's do.</summary>
    private void Nanoff(string then)
    {
        var file = Path.Combine(_temp, "nanoff");
        File.WriteAllText(file, $"#!/bin/bash\necho \"$*\" >> '{_temp}/calls'\n{then}\nexit 0\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string[] FirstWords() =>
        [.. File.ReadLines(Path.Combine(_temp, "calls")).Select(line => line.Split(' ')[0])];

    private byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Out, file));

    private string Text(string file) => File.ReadAllText(Path.Combine(Out, file));

    private uint Epoch() => Read("config.json").GetProperty("epoch").GetUInt32();

    private JsonElement Read(string file) => JsonElement.Parse(Text(file));
}
